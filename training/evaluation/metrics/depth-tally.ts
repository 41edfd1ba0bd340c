import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import { type DepthMetricOptions, depthMetrics, type ImageDepthMetrics } from './depth-metrics.js';
import { type DepthSummary, summarizeDepth } from './depth-summary.js';
import type { TrivialPredictorBuilder } from './trivial-predictors.js';

/** A predicted depth image with its truth, for pictures. */
export interface EvaluatedImage {
  /** The stamp in nanoseconds in a bag, the frame's name in a data set. */
  readonly name: string;
  readonly truth: SparseDepth;
  /** [height, width] as predicted, not scaled. */
  readonly predictedMeters: Float32Array;
  readonly metrics: ImageDepthMetrics;
}

export interface DepthEvaluation {
  readonly prediction: DepthSummary;
  /** The prediction as it comes; absent where `prediction` is not scaled either, and for relative depth. */
  readonly unscaled?: DepthSummary;
  /** The median of all truth, and the median of the truth of each row, as predictions: what has to be beaten. */
  readonly constant: DepthSummary;
  readonly rowMedian: DepthSummary;
  readonly images: readonly (ImageDepthMetrics & { readonly name: string })[];
  /** Images without truth (near in time, or at all), and with truth of which no pixel counts (crop, cap). */
  readonly unmatched: number;
  readonly empty: number;
}

/** Gathers the metrics of images one by one, those of the trivial predictors beside them. */
export class DepthTally {
  readonly #trivial: TrivialPredictorBuilder;
  readonly #options: DepthMetricOptions;
  readonly #hasUnscaled: boolean;
  readonly #images: (ImageDepthMetrics & { name: string })[] = [];
  readonly #unscaled: ImageDepthMetrics[] = [];
  readonly #constant: ImageDepthMetrics[] = [];
  readonly #rowMedian: ImageDepthMetrics[] = [];
  #unmatched = 0;
  #empty = 0;

  /** @param trivial has seen the truth of all images. @param metric whether the predictions are metres as they come. */
  constructor(trivial: TrivialPredictorBuilder, options: DepthMetricOptions, metric: boolean) {
    this.#trivial = trivial;
    this.#options = options;
    this.#hasUnscaled = metric && (options.medianScaling ?? true);
  }

  get unmatched(): number {
    return this.#unmatched;
  }

  get empty(): number {
    return this.#empty;
  }

  /** Counts an image without truth. */
  addUnmatched(): void {
    this.#unmatched++;
  }

  /**
   * @param predictedMeters [height, width] of the truth.
   * @returns undefined when no pixel of the image counts.
   */
  add(name: string, truth: SparseDepth, predictedMeters: Float32Array): EvaluatedImage | undefined {
    const metrics = depthMetrics(truth, predictedMeters, this.#options);
    const { constant, rowMedian } = this.#trivial.of(truth.height, truth.width);
    const constantMetrics = depthMetrics(truth, constant, this.#options);
    const rowMetrics = depthMetrics(truth, rowMedian, this.#options);
    if (metrics === undefined || constantMetrics === undefined || rowMetrics === undefined) {
      this.#empty++;
      return undefined;
    }
    this.#images.push({ name, ...metrics });
    const options = { ...this.#options, medianScaling: false };
    const unscaled = this.#hasUnscaled ? depthMetrics(truth, predictedMeters, options) : undefined;
    if (unscaled !== undefined) this.#unscaled.push(unscaled);
    this.#constant.push(constantMetrics);
    this.#rowMedian.push(rowMetrics);
    return { name, truth, predictedMeters, metrics };
  }

  /** Undefined when no image counted. */
  result(): DepthEvaluation | undefined {
    if (this.#images.length === 0) return undefined;
    return {
      prediction: summarizeDepth(this.#images),
      ...(this.#hasUnscaled && { unscaled: summarizeDepth(this.#unscaled) }),
      constant: summarizeDepth(this.#constant),
      rowMedian: summarizeDepth(this.#rowMedian),
      images: this.#images,
      unmatched: this.#unmatched,
      empty: this.#empty,
    };
  }
}
