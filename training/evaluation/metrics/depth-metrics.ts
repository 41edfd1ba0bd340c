import { median } from '../../../vision/median.js';
import { type CropName, cropWindow } from '../../datasets/files/crop.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import { TrainingError } from '../../errors.js';

/** Errors of a depth image against truth, after Eigen et al. (2014) and the KITTI depth benchmark. */
export interface DepthMetrics {
  /** mean(|p - t| / t). */
  readonly absRel: number;
  /** mean((p - t)^2 / t), metres. */
  readonly sqRel: number;
  /** sqrt(mean((p - t)^2)), metres. */
  readonly rmse: number;
  /** sqrt(mean((ln p - ln t)^2)). */
  readonly rmseLog: number;
  /** mean(|log10 p - log10 t|). */
  readonly log10: number;
  /** Share of pixels with max(p / t, t / p) < 1.25, 1.25^2, 1.25^3. */
  readonly delta1: number;
  readonly delta2: number;
  readonly delta3: number;
  /** 100 * sqrt(mean(e^2) - mean(e)^2) with e = ln p - ln t. */
  readonly siLog: number;
  /** sqrt(mean((1000 / p - 1000 / t)^2)), 1 / km. */
  readonly iRmse: number;
}

export const DEPTH_METRIC_NAMES = [
  'absRel',
  'sqRel',
  'rmse',
  'rmseLog',
  'log10',
  'delta1',
  'delta2',
  'delta3',
  'siLog',
  'iRmse',
] as const satisfies readonly (keyof DepthMetrics)[];

export interface DepthMetricOptions {
  /** Truth beyond this does not count and predictions are cut to it, metres, default 80. */
  readonly capMeters?: number;
  /** Truth up to this does not count and predictions are raised to it, metres, default 1e-3. */
  readonly minMeters?: number;
  /** Default `garg`. */
  readonly crop?: CropName;
  /** Multiply the prediction by median(truth) / median(prediction) of the image, default true. */
  readonly medianScaling?: boolean;
}

/** The metrics of one image. */
export interface ImageDepthMetrics extends DepthMetrics {
  /** Pixels that counted. */
  readonly pixels: number;
  /** Share of these whose prediction is finite and positive. */
  readonly finiteShare: number;
  /** median(truth) / median(prediction) over them (reported, applied or not); NaN when nothing is finite. */
  readonly ratio: number;
}

/**
 * Compares a dense prediction with sparse truth.
 *
 * Pixels count where min < truth < cap, inside the crop. The ratio is taken over those with a finite, positive prediction,
 * applied before predictions are clamped to [min, cap]. A pixel without a finite prediction counts in `finiteShare` and
 * enters every other metric as the cap. What is not known is not left out, else holes would pay. Source: shared conventions
 * of the KITTI Eigen split (Zhou et al. 2017; Godard et al. 2019).
 * @param predictedMeters [height, width] of the truth; NaN, +Infinity and values <= 0 are "no finite prediction".
 * @returns undefined when no pixel counts.
 * @throws TrainingError when the prediction has another size.
 */
export function depthMetrics(
  truth: SparseDepth,
  predictedMeters: ArrayLike<number>,
  options: DepthMetricOptions = {},
): ImageDepthMetrics | undefined {
  const { capMeters = 80, minMeters = 1e-3, crop = 'garg', medianScaling = true } = options;
  if (predictedMeters.length !== truth.height * truth.width) {
    throw new TrainingError(
      `A prediction for ${truth.width} x ${truth.height} truth needs \`${truth.height * truth.width}\` values, got \`${predictedMeters.length}\`.`,
    );
  }
  const { top, bottom, left, right } = cropWindow(crop, truth.height, truth.width);
  const trueDepths: number[] = [];
  const predictions: number[] = [];
  const finiteTrue: number[] = [];
  const finitePredictions: number[] = [];
  for (let i = 0; i < truth.depthMeters.length; i++) {
    const row = truth.rows[i] ?? 0;
    const column = truth.columns[i] ?? 0;
    const depth = truth.depthMeters[i] ?? Number.NaN;
    if (row < top || row >= bottom || column < left || column >= right) continue;
    if (!(depth > minMeters && depth < capMeters)) continue;
    const predicted = predictedMeters[row * truth.width + column] ?? Number.NaN;
    const finite = predicted > 0 && predicted < Number.POSITIVE_INFINITY;
    trueDepths.push(depth);
    predictions.push(finite ? predicted : Number.POSITIVE_INFINITY);
    if (!finite) continue;
    finiteTrue.push(depth);
    finitePredictions.push(predicted);
  }
  if (trueDepths.length === 0) return undefined;
  const ratio = median(finiteTrue) / median(finitePredictions);
  const scale = medianScaling && Number.isFinite(ratio) ? ratio : 1;
  for (let i = 0; i < predictions.length; i++) {
    const scaled = (predictions[i] ?? Number.POSITIVE_INFINITY) * scale;
    predictions[i] = Math.min(capMeters, Math.max(minMeters, scaled));
  }
  return {
    ...pairMetrics(trueDepths, predictions),
    pixels: trueDepths.length,
    finiteShare: finiteTrue.length / trueDepths.length,
    ratio,
  };
}

function pairMetrics(truth: readonly number[], predicted: readonly number[]): DepthMetrics {
  let absRel = 0;
  let sqRel = 0;
  let square = 0;
  let log = 0;
  let logSquare = 0;
  let log10 = 0;
  let inverseSquare = 0;
  const below = [0, 0, 0];
  for (let i = 0; i < truth.length; i++) {
    const t = truth[i] ?? Number.NaN;
    const p = predicted[i] ?? Number.NaN;
    const difference = p - t;
    const logDifference = Math.log(p) - Math.log(t);
    const inverseDifference = 1000 / p - 1000 / t;
    absRel += Math.abs(difference) / t;
    sqRel += (difference * difference) / t;
    square += difference * difference;
    log += logDifference;
    logSquare += logDifference * logDifference;
    log10 += Math.abs(logDifference) / Math.LN10;
    inverseSquare += inverseDifference * inverseDifference;
    const worst = Math.max(p / t, t / p);
    for (let k = 0; k < 3; k++) if (worst < 1.25 ** (k + 1)) below[k] = (below[k] ?? 0) + 1;
  }
  const n = truth.length;
  const [delta1 = 0, delta2 = 0, delta3 = 0] = below.map((count) => count / n);
  return {
    absRel: absRel / n,
    sqRel: sqRel / n,
    rmse: Math.sqrt(square / n),
    rmseLog: Math.sqrt(logSquare / n),
    log10: log10 / n,
    delta1,
    delta2,
    delta3,
    siLog: 100 * Math.sqrt(Math.max(0, logSquare / n - (log / n) ** 2)),
    iRmse: Math.sqrt(inverseSquare / n),
  };
}
