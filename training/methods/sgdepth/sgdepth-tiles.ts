import { CITYSCAPES_CLASSES } from '../../../models/class-table.js';
import { depthPicture } from '../../../msgs/picture/depth-picture.js';
import { labelPicture } from '../../../msgs/picture/label-picture.js';
import { maskPicture } from '../../../msgs/picture/mask-picture.js';
import type { PanelTile } from '../../../msgs/picture/panel.js';
import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import type { Inspected } from '../../runs/method.js';
import { depthOf, scaleOf } from './sgdepth-measure.js';

/** Photometric error drawn white. */
const WORST_ERROR = 0.4;

/** A row of the panel: image, true depth, depth, labels, mask, auto-mask, warped, error. */
export function sgdepthTiles({ outputs, sample, size }: Inspected): PanelTile[] {
  const { width, height } = size;
  const image = rgbPicture(width, height, sample.rgb ?? new Uint8Array(3 * width * height));
  const palette = CITYSCAPES_CLASSES.map(({ color }) => color);
  const masked = (shares: ArrayLike<number>) =>
    maskPicture(
      image,
      Uint8Array.from(shares, (x) => (x > 0.5 ? 0 : 1)),
    );
  const tiles: PanelTile[] = [{ caption: 'image', picture: image }];
  if (sample.depthMeters !== undefined) {
    tiles.push({ caption: 'true depth', picture: depthPicture(sample.depthMeters, height, width) });
  }
  const depth = depthOf(outputs);
  const unit = sample.depthMeters === undefined ? typical(depth) : scaleOf(depth, sample, size);
  const scaled = depth.map((x) => x * unit);
  tiles.push({ caption: 'depth', picture: depthPicture(scaled, height, width) });
  const { labels, mask, overlaps, explained = [], warped = [], error = [] } = outputs;
  if (labels !== undefined) {
    tiles.push({ caption: 'labels', picture: labelPicture(Uint8Array.from(labels), height, width, palette) });
  }
  if (mask !== undefined) {
    tiles.push({ caption: `mask, Lambda ${(overlaps?.[0] ?? 0).toFixed(2)}`, picture: masked(mask) });
  }
  const colors = Uint8Array.from(warped, (x) => 255 * x);
  tiles.push(
    { caption: 'auto-mask', picture: masked(explained) },
    { caption: 'warped', picture: rgbPicture(width, height, colors) },
    { caption: 'error', picture: grey(error, width, height) },
  );
  return tiles;
}

/** A scale that draws the median depth as 12 m. */
function typical(depth: Float32Array): number {
  return 12 / (depth.toSorted()[Math.floor(depth.length / 2)] ?? 1);
}

function grey(values: ArrayLike<number>, width: number, height: number): RgbPicture {
  const rgb = new Uint8Array(values.length * 3);
  for (let i = 0; i < values.length; i++) {
    rgb.fill(Math.min(255, (255 * (values[i] ?? 0)) / WORST_ERROR), i * 3, i * 3 + 3);
  }
  return rgbPicture(width, height, rgb);
}
