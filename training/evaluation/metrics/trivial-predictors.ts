import { type CropName, cropWindow } from '../../datasets/files/crop.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';

/** What a predictor that never looks at the image says; a network has to do better than these. */
export interface TrivialPredictors {
  /** [height, width]: the median of all true depths of the split, everywhere. */
  readonly constant: Float32Array;
  /** [height, width]: every row holds the median of the split's true depths in this row (it has seen the truth). */
  readonly rowMedian: Float32Array;
}

/**
 * Gathers true depths image by image and makes the trivial predictors from them. A histogram a row bounds the memory: 1024
 * logarithmic bins between 0.1 m and the cap. So medians are exact to less than 0.7 %. Images of a split may differ in size:
 * the constant is that of all of them, rows are those of each size.
 */
export class TrivialPredictorBuilder {
  readonly #crop: CropName;
  readonly #capMeters: number;
  readonly #minMeters: number;
  /** Bins of all rows, by `size`. */
  readonly #bins = new Map<string, Float64Array>();
  readonly #built = new Map<string, TrivialPredictors>();

  constructor(
    options: { readonly crop?: CropName; readonly capMeters?: number; readonly minMeters?: number } = {},
  ) {
    this.#crop = options.crop ?? 'garg';
    this.#capMeters = options.capMeters ?? 80;
    this.#minMeters = options.minMeters ?? 1e-3;
  }

  /** Adds the truth of one image; only pixels that the metrics count are gathered. */
  add(truth: SparseDepth): void {
    this.#built.clear();
    const { height, width } = truth;
    const bins = this.#bins.get(sizeOf(height, width)) ?? new Float64Array(height * BINS);
    this.#bins.set(sizeOf(height, width), bins);
    const { top, bottom, left, right } = cropWindow(this.#crop, height, width);
    const scale = BINS / Math.log(this.#capMeters / NEAREST_METERS);
    for (let i = 0; i < truth.depthMeters.length; i++) {
      const row = truth.rows[i] ?? 0;
      const column = truth.columns[i] ?? 0;
      const depth = truth.depthMeters[i] ?? Number.NaN;
      if (row < top || row >= bottom || column < left || column >= right) continue;
      if (!(depth > this.#minMeters && depth < this.#capMeters)) continue;
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor(Math.log(depth / NEAREST_METERS) * scale)));
      bins[row * BINS + bin] = (bins[row * BINS + bin] ?? 0) + 1;
    }
  }

  /** The predictors of images of this size. Rows without any truth take the constant. */
  of(height: number, width: number): TrivialPredictors {
    const built = this.#built.get(sizeOf(height, width)) ?? this.#build(height, width);
    this.#built.set(sizeOf(height, width), built);
    return built;
  }

  #build(height: number, width: number): TrivialPredictors {
    const whole = new Float64Array(BINS);
    for (const bins of this.#bins.values()) {
      for (let i = 0; i < bins.length; i++) whole[i % BINS] = (whole[i % BINS] ?? 0) + (bins[i] ?? 0);
    }
    const everywhere = this.#medianOf(whole);
    const constant = new Float32Array(height * width).fill(everywhere);
    const rowMedian = new Float32Array(height * width);
    const bins = this.#bins.get(sizeOf(height, width)) ?? new Float64Array(height * BINS);
    for (let row = 0; row < height; row++) {
      const depth = this.#medianOf(bins.subarray(row * BINS, (row + 1) * BINS));
      rowMedian.fill(Number.isNaN(depth) ? everywhere : depth, row * width, (row + 1) * width);
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

function sizeOf(height: number, width: number): string {
  return `${width}x${height}`;
}

const BINS = 1024;
const NEAREST_METERS = 0.1;
