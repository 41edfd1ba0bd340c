import { cropWindow } from '../../datasets/files/crop.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import { CONFIDENT_RATIO } from '../../losses/confidence-loss.js';
import type { DepthMetricOptions } from './depth-metrics.js';

/** What a confidence is worth, over many pictures. */
export interface ConfidenceEvaluation {
  readonly images: number;
  readonly pixels: number;
  /** AbsRel of the pixels that are left when the least confident are taken away, in steps of a twentieth of the picture. */
  readonly sparsification: readonly number[];
  /** The same where those of the largest error are taken away: what no confidence beats. */
  readonly oracle: readonly number[];
  /** Mean distance of the two, as a share of the whole picture's AbsRel: 0 is perfect. */
  readonly ause: number;
  /** AUSE of a confidence that says nothing: whole AbsRel, whatever is taken away. */
  readonly auseOfNone: number;
  /** Pixels by what was said of them, tenth by tenth. */
  readonly reliability: readonly Reliability[];
  /** Mean of |said - came true| over the pixels, by tenths (expected calibration error). */
  readonly calibrationError: number;
}

/** Pixels whose confidence lies in a tenth, and what became of them. */
export interface Reliability {
  readonly from: number;
  readonly pixels: number;
  /** Mean confidence; NaN without pixels. */
  readonly said: number;
  /** Share whose depth lies within 25 % of the truth. */
  readonly within: number;
}

const STEPS = 20;
const BINS = 10;

/**
 * Sparsification error and reliability of a confidence. The curves are drawn for each picture and averaged; pixels count,
 * and predictions are scaled and clamped, as in `depthMetrics`. What has no finite depth counts as the cap.
 * Source: Ilg et al. 2018, "Uncertainty estimates and multi-hypotheses networks for optical flow", section 4.2 (AUSE); Guo et
 * al. 2017, "On calibration of modern neural networks", section 2.
 */
export class ConfidenceTally {
  readonly #options: DepthMetricOptions;
  readonly #kept = new Float64Array(STEPS);
  readonly #oracle = new Float64Array(STEPS);
  readonly #pixels = new Float64Array(BINS);
  readonly #said = new Float64Array(BINS);
  readonly #within = new Float64Array(BINS);
  #images = 0;

  constructor(options: DepthMetricOptions) {
    this.#options = options;
  }

  /**
   * @param depthMeters [H, W] as predicted. @param confidence [H, W], 0..1.
   * @param ratio by which the depth is multiplied where the options scale it; as of `depthMetrics`.
   */
  add(truth: SparseDepth, depthMeters: Float32Array, confidence: Float32Array, ratio: number): void {
    const { capMeters = 80, minMeters = 1e-3, crop = 'garg', medianScaling = true } = this.#options;
    const { top, bottom, left, right } = cropWindow(crop, truth.height, truth.width);
    const scale = medianScaling && Number.isFinite(ratio) ? ratio : 1;
    const errors: number[] = [];
    const trusts: number[] = [];
    for (let i = 0; i < truth.depthMeters.length; i++) {
      const [row, column, depth] = [truth.rows[i], truth.columns[i], truth.depthMeters[i]];
      if (row < top || row >= bottom || column < left || column >= right) continue;
      if (!(depth > minMeters && depth < capMeters)) continue;
      const at = row * truth.width + column;
      const given = depthMeters[at];
      const isKnown = given > 0 && given < Number.POSITIVE_INFINITY;
      const meters = isKnown ? Math.min(capMeters, Math.max(minMeters, given * scale)) : capMeters;
      const trust = confidence[at];
      errors.push(Math.abs(meters - depth) / depth);
      trusts.push(trust);
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor(trust * BINS)));
      this.#pixels[bin] += 1;
      this.#said[bin] += trust;
      if (Math.max(meters / depth, depth / meters) < CONFIDENT_RATIO) this.#within[bin] += 1;
    }
    if (errors.length === 0) return;
    this.#images += 1;
    addCurve(this.#kept, errors, byFalling(trusts));
    addCurve(this.#oracle, errors, byFalling(errors.map((error) => -error)));
  }

  /** Undefined when no picture counted. */
  result(): ConfidenceEvaluation | undefined {
    if (this.#images === 0) return undefined;
    const sparsification = [...this.#kept].map((sum) => sum / this.#images);
    const oracle = [...this.#oracle].map((sum) => sum / this.#images);
    const whole = sparsification[0];
    const area = (curve: readonly number[]) =>
      curve.reduce((sum, error, i) => sum + (error - oracle[i]) / whole / STEPS, 0);
    const pixels = this.#pixels.reduce((sum, count) => sum + count, 0);
    const reliability = [...this.#pixels].map((count, bin) => ({
      ...{ from: bin / BINS, pixels: count },
      ...{ said: this.#said[bin] / count, within: this.#within[bin] / count },
    }));
    return {
      ...{ images: this.#images, pixels, sparsification, oracle },
      ...{ ause: area(sparsification), auseOfNone: area(sparsification.map(() => whole)), reliability },
      calibrationError: reliability.reduce(
        (sum, bin) => sum + (bin.pixels === 0 ? 0 : (bin.pixels / pixels) * Math.abs(bin.said - bin.within)),
        0,
      ),
    };
  }
}

/** Indices, the greatest value first. */
function byFalling(values: readonly number[]): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
}

/** Adds the mean error of what is left after 0, 1, ... twentieths of the last of `order` are gone. */
function addCurve(curve: Float64Array, errors: readonly number[], order: Uint32Array): void {
  const sums = new Float64Array(order.length + 1);
  for (const [i, at] of order.entries()) sums[i + 1] = sums[i] + errors[at];
  for (let step = 0; step < STEPS; step++) {
    const left = Math.max(1, Math.round(order.length * (1 - step / STEPS)));
    curve[step] += sums[left] / left;
  }
}
