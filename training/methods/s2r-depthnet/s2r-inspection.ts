import * as tf from '@tensorflow/tfjs';
import { greyPicture } from '../../../msgs/picture/grey-picture.js';
import type { PanelTile } from '../../../msgs/picture/panel.js';
import { picturesOf } from '../../datasets/batches/pictures-of.js';
import { meanOf } from '../../evaluation/metrics/mean-of.js';
import {
  depthEvidence,
  metersOf,
  normalizedDepths,
  S2R_NORMALIZATION,
  type S2rDepthnetOptions,
} from '../../networks/s2r-depthnet.js';
import type { Inspected, Inspection } from '../../runs/method.js';
import { labelledInspection } from '../labelled-inspection.js';
import type { S2R_BATCH } from './s2r-batch.js';
import { type TranslationOptions, translate } from './translation-loss.js';

/** Metres; 1 / depth stays finite. */
const NEAREST_METERS = 0.1;

/** Depth as of any labelled method, and the maps that it was predicted from. */
export function s2rInspection(networks: S2rDepthnetOptions, attends: boolean): Inspection<typeof S2R_BATCH> {
  const depth = labelledInspection({
    ...{ role: 'source', labels: false, targetStep: 1, maxMeters: networks.maxMeters },
    normalization: S2R_NORMALIZATION,
    outputs: (scope, { image }) => {
      const { evidence, structure, attention } = depthEvidence(scope, image, networks, { attends });
      const [, , , finest] = normalizedDepths(scope, evidence, networks);
      return {
        disparity: tf.maximum<tf.Tensor4D>(metersOf(finest, networks), NEAREST_METERS).reciprocal(),
        ...(structure && { structure }),
        ...(attention && { attention }),
      };
    },
  });
  return {
    ...depth,
    tiles: (seen) => [...depth.tiles(seen), ...mapTiles(seen)],
  };
}

/** The structure map, the attention map and what is left of the one by the other. */
function mapTiles({ outputs: { structure, attention }, size }: Inspected): PanelTile[] {
  if (structure === undefined) return [];
  const tiles = [{ caption: 'structure', picture: greyPicture(structure, size) }];
  if (attention === undefined) return tiles;
  const specific = Float32Array.from(structure, (value, i) => value * (attention[i] ?? 0));
  return [
    ...tiles,
    { caption: 'attention', picture: greyPicture(attention, size) },
    { caption: 'depth-specific structure', picture: greyPicture(specific, size) },
  ];
}

/** Step 1: how well pictures are restored, 0..1, and how much structure is found again after a translation. */
export function translationInspection(options: TranslationOptions): Inspection<typeof S2R_BATCH> {
  return {
    ...{ role: 'source', untrained: false, shown: 6, metrics: ['restoredError', 'structureError'] },
    outputs: (scope, { image }) => ({ ...translate(scope, image, options) }),
    measure: () => {
      const restored: number[] = [];
      const kept: number[] = [];
      return {
        add({ batch: { image }, outputs, size }) {
          const colors = [image ?? [], planar(outputs.restored ?? [], size)] as const;
          let sum = 0;
          for (let i = 0; i < colors[0].length; i++)
            sum += Math.abs((colors[0][i] ?? 0) - (colors[1][i] ?? 0));
          restored.push(sum / Math.max(1, colors[0].length) / 2);
          kept.push(outputs.structureKept?.[0] ?? Number.NaN);
        },
        figures: () => ({ restoredError: meanOf(restored), structureError: meanOf(kept) }),
      };
    },
    tiles: ({ batch, outputs, size }) => {
      const { mean, std } = S2R_NORMALIZATION;
      const show = (planes: ArrayLike<number> | undefined, caption: string): PanelTile[] =>
        picturesOf(planes, size, mean, std).map((picture) => ({ caption, picture }));
      return [
        ...show(batch.image, 'image'),
        ...show(planar(outputs.restored ?? [], size), 'restored'),
        ...show(planar(outputs.translated ?? [], size), 'in a middling style'),
      ];
    },
  };
}

/** Pixels [H, W, 3] as planes [3, H, W]. */
function planar(
  pixels: ArrayLike<number>,
  { width, height }: { readonly width: number; readonly height: number },
): Float32Array {
  const count = width * height;
  return Float32Array.from(
    { length: 3 * count },
    (_, i) => pixels[3 * (i % count) + Math.floor(i / count)] ?? 0,
  );
}
