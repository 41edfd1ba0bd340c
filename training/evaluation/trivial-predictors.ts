import { type CropName, cropWindow } from './crop.js';
import type { SparseDepth } from './sparse-depth.js';

/** What a predictor that never looks at the image says; a network has to do better than these. */
export interface TrivialPredictors {
  /** [height, width]: the median of all true depths of the split, everywhere. */
  readonly constant: Float32Array;
  /** [height, width]: every row holds the median of the split's true depths in this row (it has seen the truth). */
  readonly rowMedian: Float32Array;
}

/**
 * Gathers true depths image by image and makes the trivial predictors from them; the memory is bounded by a histogram
 * a row (1024 logarithmic bins between 0.1 m and the cap, so medians are exact to less than 0.7 %).
 */
export class TrivialPredictorBuilder {
  readonly #crop: CropName;
  readonly #capMeters: number;
  #height = 0;
  #width = 0;
  #bins = new Float64Array(0);

  constructor(options: { readonly crop?: CropName; readonly capMeters?: number } = {}) {
    this.#crop = options.crop ?? 'garg';
    this.#capMeters = options.capMeters ?? 80;
  }

  /** Adds the truth of one image; only pixels that the metrics count are gathered. */
  add(truth: SparseDepth): void {
    if (truth.height !== this.#height || truth.width !== this.#width) {
      this.#height = truth.height;
      this.#width = truth.width;
      this.#bins = new Float64Array(truth.height * BINS);
    }
    const { top, bottom, left, right } = cropWindow(this.#crop, truth.height, truth.width);
    const scale = BINS / Math.log(this.#capMeters / NEAREST_METERS);
    for (let i = 0; i < truth.depthMeters.length; i++) {
      const row = truth.rows[i] ?? 0;
      const column = truth.columns[i] ?? 0;
      const depth = truth.depthMeters[i] ?? Number.NaN;
      if (row < top || row >= bottom || column < left || column >= right || !(depth < this.#capMeters))
        continue;
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor(Math.log(depth / NEAREST_METERS) * scale)));
      this.#bins[row * BINS + bin] = (this.#bins[row * BINS + bin] ?? 0) + 1;
    }
  }

  /** Rows without any truth take the constant. */
  build(): TrivialPredictors {
    const whole = new Float64Array(BINS);
    for (let i = 0; i < this.#bins.length; i++)
      whole[i % BINS] = (whole[i % BINS] ?? 0) + (this.#bins[i] ?? 0);
    const everywhere = this.#medianOf(whole);
    const constant = new Float32Array(this.#height * this.#width).fill(everywhere);
    const rowMedian = new Float32Array(this.#height * this.#width);
    for (let row = 0; row < this.#height; row++) {
      const depth = this.#medianOf(this.#bins.subarray(row * BINS, (row + 1) * BINS));
      rowMedian.fill(Number.isNaN(depth) ? everywhere : depth, row * this.#width, (row + 1) * this.#width);
    }
    return { constant, rowMedian };
  }

  #medianOf(bins: Float64Array): number {
    const half = bins.reduce((sum, count) => sum + count, 0) / 2;
    if (half === 0) return Number.NaN;
    let sum = 0;
    let bin = 0;
    while (sum + (bins[bin] ?? 0) < half) sum += bins[bin++] ?? 0;
    const within = (half - sum) / (bins[bin] ?? 1);
    return NEAREST_METERS * (this.#capMeters / NEAREST_METERS) ** ((bin + within) / BINS);
  }
}

const BINS = 1024;
const NEAREST_METERS = 0.1;
