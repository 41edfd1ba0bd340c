import sharp from 'sharp';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { type Image, imageCodec } from '../../../msgs/image.js';
import { depthPicture } from '../../../msgs/picture/depth-picture.js';
import { type PanelTile, panel } from '../../../msgs/picture/panel.js';
import { rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { depthOfImage } from '../../datasets/truth/depth-image.js';
import { cameraTiles } from './camera-tiles.js';
import { FrameKeys } from './frame-keys.js';
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

/** A frame, and what is worst about it. */
export interface ChosenFrame {
  readonly frame: ReportedFrame;
  readonly why: string;
}

/** The frames that are worst in some way, by their keys. @param errors AbsRel by key, where there is truth */
export function chooseWorst(
  frames: readonly ReportedFrame[],
  errors: ReadonlyMap<string, number>,
): ReadonlyMap<string, ChosenFrame> {
  const chosen = new Map<string, ChosenFrame>();
  const take = (why: (frame: ReportedFrame) => string, badness: (frame: ReportedFrame) => number) => {
    const ranked = frames.filter((frame) => badness(frame) > 0).sort((a, b) => badness(b) - badness(a));
    for (const frame of ranked.slice(0, MOST)) {
      const before = chosen.get(frame.key);
      chosen.set(frame.key, {
        frame,
        why: before === undefined ? why(frame) : `${before.why}; ${why(frame)}`,
      });
    }
  };
  const errorOf = ({ key }: ReportedFrame) => errors.get(key) ?? 0;
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
  chosen: ReadonlyMap<string, ChosenFrame>,
): Promise<WorstFrame[]> {
  const cameras = await cameraTiles(reader, new Set([...chosen.values()].map(({ frame }) => frame.stampNs)));
  const tiles = new Map<string, PanelTile[]>();
  const keys = { depth: new FrameKeys(), color: new FrameKeys() };
  const wanted = [topics.depth, topics.color].filter((topic) => topic !== undefined);
  if (chosen.size > 0) {
    for await (const { topic, cdr } of reader.messages({ topics: wanted })) {
      const image = decoded(cdr);
      if (image === undefined) continue;
      const isDepth = topic === topics.depth;
      const key = keys[isDepth ? 'depth' : 'color'].next(stampToNs(image.header.stamp));
      if (!chosen.has(key)) continue;
      const tile = isDepth ? depthTile(image, topics.depth) : colorTile(image);
      if (tile !== undefined) tiles.set(key, [...(tiles.get(key) ?? []), tile]);
    }
  }
  const worst: WorstFrame[] = [];
  for (const [key, { frame, why }] of chosen) {
    const { stampNs } = frame;
    const drawn = tiles.get(key);
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
