import { CLASS_SETS } from '../../datasets/classes/class-sets.js';
import { sparseFromDense } from '../../datasets/stores/sparse-depth.js';
import {
  DEPTH_METRIC_NAMES,
  type DepthMetrics,
  depthMetrics,
} from '../../evaluation/metrics/depth-metrics.js';
import { meanOf } from '../../evaluation/metrics/mean-of.js';
import { ConfusionMatrix } from '../../evaluation/metrics/segmentation-metrics.js';
import { DYNAMIC_CLASSES } from '../../losses/dynamic-masks.js';
import type { Inspected, Measure } from '../../runs/method.js';

const [NINETEEN] = CLASS_SETS;
/** Cap of the depth metrics, metres. */
const CAP_METERS = 80;

/** Names of the figures of a validation. */
export const SGDEPTH_FIGURES = [
  ...['absRel', 'sqRel', 'rmse', 'rmseLog', 'delta1', 'delta2', 'delta3', 'absRelDynamic', 'scaleSpread'],
  ...['meanIou', 'photometric', 'explained', 'overlap'],
];

/**
 * Means over the held-out triplets. Depth against truth where there is any: median-scaled by image, cap 80 m, no crop.
 * `absRelDynamic` on the pixels of dynamic classes alone, by the same scale. `scaleSpread` is the standard deviation of the
 * scales by their median. What has no truth is left out.
 */
export class SgdepthMeasure implements Measure {
  readonly #confusion = new ConfusionMatrix();
  readonly #depth: DepthMetrics[] = [];
  readonly #ratios: number[] = [];
  readonly #dynamic: number[] = [];
  readonly #own: Record<'photometric' | 'explained' | 'overlap', number[]> = {
    photometric: [],
    explained: [],
    overlap: [],
  };

  add({ outputs, sample, size }: Inspected): void {
    const { error = [], explained = [], overlaps, labels: predicted } = outputs;
    this.#own.photometric.push(meanOf(error));
    this.#own.explained.push(meanOf(explained));
    if (overlaps !== undefined) this.#own.overlap.push(overlaps[0] ?? 0);
    const { depthMeters, labels } = sample;
    if (depthMeters === undefined) return;
    const depth = depthOf(outputs);
    const metrics = metricsOf(depth, depthMeters, size);
    if (metrics !== undefined) {
      this.#depth.push(metrics);
      this.#ratios.push(metrics.ratio);
    }
    if (labels === undefined) return;
    const dynamic = dynamicError(depth, metrics?.ratio ?? 1, depthMeters, labels);
    if (dynamic !== undefined) this.#dynamic.push(dynamic);
    if (predicted !== undefined) this.#confusion.add(labels, Uint8Array.from(predicted));
  }

  figures(): Record<string, number> {
    const { photometric, explained, overlap } = this.#own;
    const figures: Record<string, number> = {
      photometric: meanOf(photometric),
      explained: meanOf(explained),
    };
    if (overlap.length > 0) figures.overlap = meanOf(overlap);
    if (this.#depth.length === 0) return figures;
    for (const name of DEPTH_METRIC_NAMES)
      figures[name] = meanOf(this.#depth.map((metrics) => metrics[name]));
    if (this.#dynamic.length > 0) figures.absRelDynamic = meanOf(this.#dynamic);
    figures.scaleSpread = spread(this.#ratios);
    if (overlap.length > 0) figures.meanIou = this.#confusion.metrics(NINETEEN).meanIou;
    return figures;
  }
}

/** Depth in the poses' unit. */
export function depthOf({ disparity = new Float32Array() }: Inspected['outputs']): Float32Array {
  return Float32Array.from(disparity, (x) => 1 / x);
}

/** Metres in the poses' unit, by the truth; 1 where that says nothing. */
export function scaleOf(
  depth: Float32Array,
  { depthMeters }: Inspected['sample'],
  size: Inspected['size'],
): number {
  return (depthMeters && metricsOf(depth, depthMeters, size)?.ratio) ?? 1;
}

function metricsOf(depth: Float32Array, depthMeters: Float32Array, { width, height }: Inspected['size']) {
  const sparse = sparseFromDense(depthMeters, height, width);
  return depthMetrics(sparse, depth, { crop: 'none', capMeters: CAP_METERS });
}

const IS_DYNAMIC = new Set(DYNAMIC_CLASSES);

/** AbsRel over the pixels of dynamic classes; `undefined` without any. */
function dynamicError(
  depth: Float32Array,
  scale: number,
  truth: Float32Array,
  labels: Uint8Array,
): number | undefined {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < truth.length; i++) {
    const t = truth[i] ?? 0;
    if (!(t > 0 && t < CAP_METERS) || !IS_DYNAMIC.has(labels[i] ?? 255)) continue;
    sum += Math.abs(Math.min(CAP_METERS, (depth[i] ?? 0) * scale) - t) / t;
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
}

/** Standard deviation by the median. */
function spread(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const average = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - average) ** 2))) / middle;
}
