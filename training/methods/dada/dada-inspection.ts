import * as tf from '@tensorflow/tfjs';
import { CITYSCAPES_CLASSES, UNLABELLED } from '../../../models/class-table.js';
import { depthPicture } from '../../../msgs/picture/depth-picture.js';
import { labelPicture } from '../../../msgs/picture/label-picture.js';
import { picturesOf } from '../../datasets/batches/pictures-of.js';
import { labelTableOf, representativesOf } from '../../datasets/classes/class-set-labels.js';
import type { ClassSet } from '../../datasets/classes/class-sets.js';
import { ConfusionMatrix } from '../../evaluation/metrics/segmentation-metrics.js';
import { type DadaNetworkOptions, dadaOutputs } from '../../networks/dada-network.js';
import type { Normalization } from '../../networks/input-normalization.js';
import type { Size } from '../../runs/data-role.js';
import type { Inspected, Inspection } from '../../runs/method.js';
import type { DADA_BATCH } from './dada-batch.js';

const PALETTE = CITYSCAPES_CLASSES.map(({ color }) => color);

export interface DadaInspectionOptions {
  readonly network: DadaNetworkOptions;
  readonly normalization: Normalization;
  readonly set: ClassSet;
}

/** mIoU over the class set on held-out target pictures whose labels are known, without crops; panels of all. */
export function dadaInspection({
  network,
  normalization,
  set,
}: DadaInspectionOptions): Inspection<typeof DADA_BATCH> {
  const representatives = representativesOf(set);
  const table = labelTableOf(set);
  const step = 2 ** network.outputScale;
  const compared = ({ outputs, sample, size }: Inspected) => {
    const [width, height] = [size.width / step, size.height / step];
    const predicted = Uint8Array.from(outputs.labels ?? [], (index) => representatives[index] ?? UNLABELLED);
    const shape = { width, height, ratio: size.width / size.height };
    const truth = centred(sample, shape, (label) => representatives[table[label] ?? UNLABELLED]);
    return { width, height, predicted, truth };
  };
  return {
    ...{ role: 'target', untrained: true, shown: 6, metrics: ['meanIou', 'pixelAccuracy'] },
    outputs: (scope, { targetImage }) => {
      const { logits, depth } = dadaOutputs(scope, targetImage, network);
      return {
        labels: tf.argMax(logits, 3),
        ...(depth && { inverseDepth: depth.mul(1 / network.depthScale) }),
      };
    },
    measure: () => {
      const confusion = new ConfusionMatrix();
      return {
        add: (seen) => {
          const { predicted, truth } = compared(seen);
          if (truth !== undefined) confusion.add(truth, predicted);
        },
        figures: (): Record<string, number> => {
          const { meanIou, pixelAccuracy, pixels } = confusion.metrics(set);
          return pixels === 0 ? {} : { meanIou, pixelAccuracy };
        },
      };
    },
    tiles: (seen) => {
      const { predicted, truth, width, height } = compared(seen);
      const label = (ids: Uint8Array) => labelPicture(ids, height, width, PALETTE);
      const { targetImage } = seen.batch;
      const [image] = picturesOf(targetImage, seen.size, normalization.mean, normalization.std);
      const { inverseDepth } = seen.outputs;
      const depth = inverseDepth && Float32Array.from(inverseDepth, (value) => 1 / Math.max(value, 1e-6));
      return [
        ...(image === undefined ? [] : [{ caption: 'image', picture: image }]),
        { caption: 'labels', picture: label(predicted) },
        {
          caption: 'true labels',
          picture: label(truth ?? new Uint8Array(predicted.length).fill(UNLABELLED)),
        },
        ...(depth === undefined ? [] : [{ caption: 'depth', picture: depthPicture(depth, height, width) }]),
      ];
    },
  };
}

/** True labels of the largest centred part of that shape, as the ids that stand for them; undefined without any. */
function centred(
  { labels, width: w = 0, height: h = 0 }: Inspected['sample'],
  { width, height, ratio }: Size & { readonly ratio: number },
  idOf: (label: number) => number | undefined,
): Uint8Array | undefined {
  if (labels?.some((label) => label !== UNLABELLED) !== true) return undefined;
  const across = Math.min(w, h * ratio);
  const step = across / width;
  const [left, top] = [(w - across) / 2, (h - step * height) / 2];
  const truth = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.min(h - 1, Math.floor(top + (y + 0.5) * step)) * w;
    for (let x = 0; x < width; x++) {
      const label = labels[row + Math.min(w - 1, Math.floor(left + (x + 0.5) * step))] ?? UNLABELLED;
      truth[y * width + x] = idOf(label) ?? UNLABELLED;
    }
  }
  return truth;
}
