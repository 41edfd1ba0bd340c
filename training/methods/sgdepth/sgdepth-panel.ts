import { CITYSCAPES_CLASSES } from '../../../models/class-table.js';
import { depthPicture } from '../../../msgs/picture/depth-picture.js';
import { labelPicture } from '../../../msgs/picture/label-picture.js';
import { maskPicture } from '../../../msgs/picture/mask-picture.js';
import { type PanelTile, panel } from '../../../msgs/picture/panel.js';
import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import type { Triplet } from '../../datasets/stores/triplet.js';

/** A triplet and what the networks make of it, [H, W] each. */
export interface InspectedTriplet {
  readonly triplet: Triplet;
  /** In the poses' unit. */
  readonly depth: Float32Array;
  /** Metres in that unit, as far as it is known. */
  readonly scale: number;
  /** [H, W, 3], 0..1. */
  readonly warped: Float32Array;
  readonly error: Float32Array;
  readonly explained: Float32Array;
  readonly labels?: Uint8Array;
  /** mu_t. */
  readonly mask?: Float32Array;
  /** Lambda_t. */
  readonly overlap?: number;
}

/** Photometric error drawn white. */
const WORST_ERROR = 0.4;

/** A row for each triplet: image, true depth, depth, labels, mask, auto-mask, warped, error. */
export function sgdepthPanel(triplets: readonly InspectedTriplet[]): RgbPicture {
  const rows = triplets.map(tilesOf);
  return panel(rows.flat(), { columns: rows[0]?.length ?? 1 });
}

function tilesOf(inspected: InspectedTriplet): PanelTile[] {
  const { triplet, depth, scale, warped, error, explained, labels, mask, overlap } = inspected;
  const { width, height } = triplet;
  const image = rgbPicture(width, height, triplet.target);
  const palette = CITYSCAPES_CLASSES.map(({ color }) => color);
  const masked = (shares: Float32Array) =>
    maskPicture(
      image,
      Uint8Array.from(shares, (x) => (x > 0.5 ? 0 : 1)),
    );
  const tiles: PanelTile[] = [{ caption: 'image', picture: image }];
  if (triplet.depthMeters !== undefined) {
    tiles.push({ caption: 'true depth', picture: depthPicture(triplet.depthMeters, height, width) });
  }
  const unit = triplet.depthMeters === undefined ? typical(depth) : scale;
  const scaled = depth.map((x) => x * unit);
  tiles.push({ caption: 'depth', picture: depthPicture(scaled, height, width) });
  if (labels !== undefined)
    tiles.push({ caption: 'labels', picture: labelPicture(labels, height, width, palette) });
  if (mask !== undefined) {
    tiles.push({ caption: `mask, Lambda ${(overlap ?? Number.NaN).toFixed(2)}`, picture: masked(mask) });
  }
  tiles.push(
    { caption: 'auto-mask', picture: masked(explained) },
    {
      caption: 'warped',
      picture: rgbPicture(
        width,
        height,
        Uint8Array.from(warped, (x) => 255 * x),
      ),
    },
    { caption: 'error', picture: grey(error, width, height) },
  );
  return tiles;
}

/** A scale that draws the median depth as 12 m. */
function typical(depth: Float32Array): number {
  return 12 / (depth.toSorted()[Math.floor(depth.length / 2)] ?? 1);
}

function grey(values: Float32Array, width: number, height: number): RgbPicture {
  const rgb = new Uint8Array(values.length * 3);
  values.forEach((value, i) => {
    rgb.fill(Math.min(255, (255 * value) / WORST_ERROR), i * 3, i * 3 + 3);
  });
  return rgbPicture(width, height, rgb);
}
