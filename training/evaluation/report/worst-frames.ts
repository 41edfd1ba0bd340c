import sharp from 'sharp';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { type Image, imageCodec } from '../../../msgs/image.js';
import { depthPicture } from '../../../msgs/picture/depth-picture.js';
import { type PanelTile, panel } from '../../../msgs/picture/panel.js';
import { rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { depthOfImage } from '../../datasets/truth/depth-image.js';
import { cameraTiles } from './camera-tiles.js';
import type { OutputRecord, ReportedFrame } from './read-output.js';

export interface WorstFrame {
  readonly stampNs: bigint;
  /** What is worst about it. */
  readonly why: string;
  /** A picture that stands in the page itself. */
  readonly dataUri: string;
}

/** Largest number of frames of each kind. */
const MOST = 2;
const TILE_WIDTH = 440;
const QUALITY = 80;

/** The frames that are worst in some way, one entry a frame. @param errors AbsRel by stamp, where there is truth */
export function chooseWorst(
  frames: readonly ReportedFrame[],
  errors: ReadonlyMap<bigint, number>,
): ReadonlyMap<bigint, string> {
  const chosen = new Map<bigint, string>();
  const take = (why: (frame: ReportedFrame) => string, badness: (frame: ReportedFrame) => number) => {
    const ranked = frames.filter((frame) => badness(frame) > 0).sort((a, b) => badness(b) - badness(a));
    for (const frame of ranked.slice(0, MOST)) {
      const before = chosen.get(frame.stampNs);
      chosen.set(frame.stampNs, before === undefined ? why(frame) : `${before}; ${why(frame)}`);
    }
  };
  const errorOf = ({ stampNs }: ReportedFrame) => errors.get(stampNs) ?? 0;
  take((frame) => `largest error: AbsRel ${errorOf(frame).toFixed(3)}`, errorOf);
  take(
    ({ flicker }) => `largest flicker: ${(100 * flicker).toFixed(1)} %`,
    ({ flicker }) => flicker,
  );
  take(
    ({ coverage }) => `fewest depths: ${(100 * coverage).toFixed(1)} %`,
    ({ coverage }) => 1 - coverage,
  );
  return chosen;
}

/** Draws the chosen frames: what the camera saw and classes, where the output has them, and depth. */
export async function drawWorst(
  reader: BagReader,
  { topics }: OutputRecord,
  chosen: ReadonlyMap<bigint, string>,
): Promise<WorstFrame[]> {
  const cameras = await cameraTiles(reader, new Set(chosen.keys()));
  const tiles = new Map<bigint, PanelTile[]>();
  const wanted = [topics.depth, topics.color].filter((topic) => topic !== undefined);
  if (chosen.size > 0) {
    for await (const { topic, cdr } of reader.messages({ topics: wanted })) {
      const image = decoded(cdr);
      const stampNs = image && stampToNs(image.header.stamp);
      if (image === undefined || stampNs === undefined || !chosen.has(stampNs)) continue;
      const tile = topic === topics.depth ? depthTile(image, topics.depth) : colorTile(image);
      if (tile !== undefined) tiles.set(stampNs, [...(tiles.get(stampNs) ?? []), tile]);
    }
  }
  const worst: WorstFrame[] = [];
  for (const [stampNs, why] of chosen) {
    const drawn = tiles.get(stampNs);
    if (drawn === undefined) continue;
    const camera = cameras.get(stampNs);
    const shown = [...(camera ? [camera] : []), ...drawn];
    const { rgb, width, height } = panel(shown, { tileWidth: TILE_WIDTH, columns: shown.length });
    const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: QUALITY })
      .toBuffer();
    worst.push({ stampNs, why, dataUri: `data:image/jpeg;base64,${jpeg.toString('base64')}` });
  }
  return worst;
}

function decoded(cdr: Uint8Array): Image | undefined {
  try {
    return imageCodec.decode(cdr);
  } catch {
    return undefined; // counted when the output was read
  }
}

function depthTile(image: Image, topic: string): PanelTile {
  const { width, height } = image;
  return { caption: 'depth', picture: depthPicture(depthOfImage(image, topic), height, width) };
}

function colorTile({ width, height, step, encoding, data }: Image): PanelTile | undefined {
  if (encoding !== 'rgb8' || step !== width * 3 || data.length !== step * height) return undefined;
  return { caption: 'classes', picture: rgbPicture(width, height, data) };
}
