import { CITYSCAPES_CLASSES, UNLABELLED } from '../../../models/class-table.js';
import { depthPicture } from '../../../msgs/picture/depth-picture.js';
import { labelPicture } from '../../../msgs/picture/label-picture.js';
import { picturesOf } from '../../datasets/batches/pictures-of.js';
import { CLASS_SETS } from '../../datasets/classes/class-sets.js';
import { sparseFromDense } from '../../datasets/stores/sparse-depth.js';
import { type DepthMetrics, depthMetrics } from '../../evaluation/metrics/depth-metrics.js';
import { meanOf } from '../../evaluation/metrics/mean-of.js';
import { ConfusionMatrix } from '../../evaluation/metrics/segmentation-metrics.js';
import type { Normalization } from '../../networks/input-normalization.js';
import type { Inspected, Measure } from '../../runs/method.js';

const [NINETEEN] = CLASS_SETS;
/** Figures of the median-scaled depth, in the order of the paper's tables. */
const SCALED = [
  'absRel',
  'sqRel',
  'rmse',
  'rmseLog',
  'delta1',
  'delta2',
  'delta3',
] as const satisfies (keyof DepthMetrics)[];

/** Names of the figures of a validation. */
export const TARGET_FIGURES: readonly string[] = [...SCALED, 'absRelUnscaled', 'meanIou'];

export interface TargetOptions {
  readonly normalization: Normalization;
  /** Cap of the truth and of what is predicted, metres. */
  readonly capMeters: number;
  /** Focal length at which the network's depth is metric, pixels. */
  readonly canonicalFocalPixels: number;
}

/**
 * Means over the held-out target images, where their truth is known. Depth is median-scaled by image, without crop, up to the
 * cap, as in the paper's tables. AbsRel without scaling and mIoU come beside it. What has no truth is left out.
 */
export class TargetMeasure implements Measure {
  readonly #options: TargetOptions;
  readonly #confusion = new ConfusionMatrix();
  readonly #scaled: DepthMetrics[] = [];
  readonly #unscaled: number[] = [];
  #labelled = false;

  constructor(options: TargetOptions) {
    this.#options = options;
  }

  add(seen: Inspected): void {
    const { truth, depth, trueLabels, labels, width, height } = compared(seen, this.#options);
    const { capMeters } = this.#options;
    const sparse = sparseFromDense(truth, height, width);
    const common = { crop: 'none', capMeters } as const;
    const scaled = depthMetrics(sparse, depth, { ...common, medianScaling: true });
    const plain = depthMetrics(sparse, depth, { ...common, medianScaling: false });
    if (scaled !== undefined && plain !== undefined) {
      this.#scaled.push(scaled);
      this.#unscaled.push(plain.absRel);
    }
    if (labels === undefined || trueLabels.every((label) => label === UNLABELLED)) return;
    this.#labelled = true;
    this.#confusion.add(trueLabels, labels);
  }

  figures(): Record<string, number> {
    const depth =
      this.#scaled.length === 0
        ? {}
        : Object.fromEntries(SCALED.map((name) => [name, meanOf(this.#scaled.map((each) => each[name]))]));
    return {
      ...depth,
      ...(this.#unscaled.length > 0 && { absRelUnscaled: meanOf(this.#unscaled) }),
      ...(this.#labelled && { meanIou: this.#confusion.metrics(NINETEEN).meanIou }),
    };
  }
}

/** Image, depth and labels, with the truth where it is known. */
export function targetTiles(seen: Inspected, options: TargetOptions) {
  const { truth, depth, trueLabels, labels, width, height } = compared(seen, options);
  const { mean, std } = options.normalization;
  const palette = CITYSCAPES_CLASSES.map(({ color }) => color);
  const label = (ids: Uint8Array) => labelPicture(ids, height, width, palette);
  const [image] = picturesOf(seen.batch.targetImage, seen.size, mean, std);
  return [
    ...(image === undefined ? [] : [{ caption: 'image', picture: image }]),
    { caption: 'true depth', picture: depthPicture(truth, height, width) },
    { caption: 'depth', picture: depthPicture(depth, height, width) },
    ...(labels === undefined
      ? []
      : [
          { caption: 'true labels', picture: label(trueLabels) },
          { caption: 'labels', picture: label(labels) },
        ]),
  ];
}

/** Truth and result at the network's resolution, depth in metres of the picture's own camera. */
function compared({ outputs, sample, size }: Inspected, { capMeters, canonicalFocalPixels }: TargetOptions) {
  const { width, height } = size;
  const { depthMeters, labels: known, intrinsics } = sample;
  const [w, h] = [sample.width ?? width, sample.height ?? height];
  // A held-out picture is seen as a whole, as a centred crop of the network's shape.
  const step = Math.min(w, (h * width) / height) / width;
  const [left, top] = [(w - step * width) / 2, (h - step * height) / 2];
  const toCamera = intrinsics === undefined ? 1 : intrinsics.fx / step / canonicalFocalPixels;
  const at = (x: number, y: number) => {
    const column = Math.max(0, Math.min(w - 1, Math.round(left + (x + 0.5) * step - 0.5)));
    const row = Math.max(0, Math.min(h - 1, Math.round(top + (y + 0.5) * step - 0.5)));
    return row * w + column;
  };
  const truth = new Float32Array(width * height).fill(Number.NaN);
  const trueLabels = new Uint8Array(width * height).fill(UNLABELLED);
  const depth = new Float32Array(width * height);
  for (let i = 0; i < depth.length; i++) {
    const from = at(i % width, Math.floor(i / width));
    truth[i] = depthMeters?.[from] ?? Number.NaN;
    trueLabels[i] = known?.[from] ?? UNLABELLED;
    depth[i] = Math.min(capMeters, toCamera / (outputs.disparity?.[i] ?? Number.NaN));
  }
  const labels = outputs.labels === undefined ? undefined : Uint8Array.from(outputs.labels);
  return { truth, trueLabels, depth, labels, width, height };
}
