import type * as tf from '@tensorflow/tfjs';
import { CITYSCAPES_CLASSES, UNLABELLED } from '../../models/class-table.js';
import { depthPicture } from '../../msgs/picture/depth-picture.js';
import { labelPicture } from '../../msgs/picture/label-picture.js';
import type { LABELLED_FIELDS } from '../datasets/batches/batch.js';
import type { TensorsOf } from '../datasets/batches/batch-schema.js';
import { picturesOf } from '../datasets/batches/pictures-of.js';
import { CLASS_SETS } from '../datasets/classes/class-sets.js';
import { sparseFromDense } from '../datasets/stores/sparse-depth.js';
import { depthMetrics, type ImageDepthMetrics } from '../evaluation/metrics/depth-metrics.js';
import { meanOf } from '../evaluation/metrics/mean-of.js';
import { ConfusionMatrix } from '../evaluation/metrics/segmentation-metrics.js';
import type { Normalization } from '../networks/input-normalization.js';
import type { Scope } from '../networks/scope.js';
import type { Inspected, Inspection, Measure } from '../runs/method.js';

const [NINETEEN] = CLASS_SETS;

/** A method whose held-out samples have depth, and maybe labels. */
export interface LabelledInspectionOptions {
  readonly role: string;
  readonly normalization: Normalization;
  /** The networks' outputs have 1 / targetStep of the picture's resolution. */
  readonly targetStep: number;
  /** What is as far has no depth, in truth and result. */
  readonly maxMeters: number;
  /** Whether the networks give labels. */
  readonly labels: boolean;
  /** `disparity` [1, h, w, 1] in 1/m and, where asked for, `labels` [1, h, w] int32. */
  outputs(
    scope: Scope,
    batch: TensorsOf<typeof LABELLED_FIELDS>,
  ): Readonly<{ disparity: tf.Tensor4D; labels?: tf.Tensor }>;
}

/**
 * AbsRel as it is and median-scaled, delta1 (scaled) and, with labels, mIoU over held-out samples, at the canonical focal
 * length, cap 80 m, no crop.
 */
export function labelledInspection(options: LabelledInspectionOptions): Inspection<typeof LABELLED_FIELDS> {
  const { role, labels: hasLabels, normalization } = options;
  return {
    ...{ role, untrained: false, shown: 4 },
    metrics: ['absRel', 'absRelMedianScaled', 'delta1', ...(hasLabels ? ['meanIou'] : [])],
    outputs: (scope, batch) => ({ ...options.outputs(scope, batch) }),
    measure: () => new LabelledMeasure(options),
    tiles: (seen) => {
      const { truth, depth, trueLabels, labels, height, width } = compared(seen, options);
      const palette = CITYSCAPES_CLASSES.map(({ color }) => color);
      const label = (ids: Uint8Array) => labelPicture(ids, height, width, palette);
      const [image] = picturesOf(seen.batch.image, seen.size, normalization.mean, normalization.std);
      return [
        ...(image === undefined ? [] : [{ caption: 'image', picture: image }]),
        { caption: 'true depth', picture: depthPicture(truth, height, width) },
        { caption: 'depth', picture: depthPicture(depth, height, width) },
        ...(hasLabels
          ? [
              { caption: 'true labels', picture: label(trueLabels) },
              { caption: 'labels', picture: label(labels.map((x) => (x > 18 ? UNLABELLED : x))) },
            ]
          : []),
      ];
    },
  };
}

/** Truth and result at the resolution of the networks' outputs. */
function compared(
  { batch, outputs, size }: Inspected,
  { maxMeters, targetStep }: Pick<LabelledInspectionOptions, 'maxMeters' | 'targetStep'>,
) {
  return {
    height: size.height / targetStep,
    width: size.width / targetStep,
    truth: inverse(batch.disparity, maxMeters),
    depth: inverse(outputs.disparity, maxMeters),
    trueLabels: Uint8Array.from(batch.labels ?? []),
    labels: Uint8Array.from(outputs.labels ?? []),
  };
}

class LabelledMeasure implements Measure {
  readonly #options: LabelledInspectionOptions;
  readonly #confusion = new ConfusionMatrix();
  readonly #metric: ImageDepthMetrics[] = [];
  readonly #scaled: ImageDepthMetrics[] = [];

  constructor(options: LabelledInspectionOptions) {
    this.#options = options;
  }

  add(seen: Inspected): void {
    const { truth, depth, trueLabels, labels, height, width } = compared(seen, this.#options);
    const sparse = sparseFromDense(truth, height, width);
    const plain = depthMetrics(sparse, depth, { crop: 'none', medianScaling: false });
    const median = depthMetrics(sparse, depth, { crop: 'none', medianScaling: true });
    if (plain !== undefined && median !== undefined) {
      this.#metric.push(plain);
      this.#scaled.push(median);
    }
    if (this.#options.labels) this.#confusion.add(trueLabels, labels);
  }

  figures(): Record<string, number> {
    return {
      absRel: meanOf(this.#metric.map((m) => m.absRel)),
      absRelMedianScaled: meanOf(this.#scaled.map((m) => m.absRel)),
      delta1: meanOf(this.#scaled.map((m) => m.delta1)),
      ...(this.#options.labels && { meanIou: this.#confusion.metrics(NINETEEN).meanIou }),
    };
  }
}

/** Depth of a disparity image; what lies at the range's end has none. */
function inverse(disparity: ArrayLike<number> | undefined, maxMeters: number): Float32Array {
  return Float32Array.from(disparity ?? [], (value) =>
    value <= 1.0001 / maxMeters ? Number.POSITIVE_INFINITY : 1 / value,
  );
}
