/** How 8-bit steps stand for numbers: value = scale * (byte - zeroPoint), byte in 0..255. */
export interface ByteScale {
  readonly scale: number;
  readonly zeroPoint: number;
}

export const HISTOGRAM_BINS = 2048;

/** What was seen of a value: bounds, and how often it fell into each of HISTOGRAM_BINS equal parts between them. */
export interface SeenValues {
  min: number;
  max: number;
  readonly counts: Float64Array;
}

/** How the range that 255 steps cover is chosen from what was seen. */
export type RangeMethod =
  | { readonly kind: 'mse' }
  | { readonly kind: 'percentile'; readonly percent: number };

/** The scale for values between low and high; 0 is always met exactly, so that padding adds nothing. */
export function byteScale(low: number, high: number): ByteScale {
  const bottom = Math.min(0, low);
  const top = Math.max(0, high);
  const scale = Math.fround(Math.max((top - bottom) / 255, 1e-12));
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-bottom / scale))) };
}

/** Chooses the range of a value. Values beyond it are cut off. */
export function chooseRange(seen: SeenValues, method: RangeMethod): ByteScale {
  return method.kind === 'mse' ? leastSquares(seen) : percentiles(seen, method.percent);
}

/**
 * The clipping of both ends by one factor that makes the expected squared error least: step^2 / 12 within, the distance to
 * the range beyond.
 */
function leastSquares(seen: SeenValues): ByteScale {
  let best = byteScale(seen.min, seen.max);
  let least = Number.POSITIVE_INFINITY;
  for (let factor = 1; factor > 0.12; factor *= 0.94) {
    const tried = byteScale(seen.min * factor, seen.max * factor);
    const error = squaredError(seen, tried);
    if (error < least) {
      least = error;
      best = tried;
    }
  }
  return best;
}

function squaredError({ min, max, counts }: SeenValues, { scale, zeroPoint }: ByteScale): number {
  const low = -zeroPoint * scale;
  const high = (255 - zeroPoint) * scale;
  const bin = (max - min) / HISTOGRAM_BINS;
  let sum = 0;
  for (let i = 0; i < HISTOGRAM_BINS; i++) {
    const count = counts[i]; // within its length
    if (count === 0) continue;
    const value = min + (i + 0.5) * bin;
    const beyond = value < low ? low - value : value > high ? value - high : 0;
    sum += count * (beyond * beyond + (beyond > 0 ? 0 : (scale * scale) / 12));
  }
  return sum;
}

function percentiles({ min, max, counts }: SeenValues, percent: number): ByteScale {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const cut = total * (1 - percent / 100);
  const bin = (max - min) / HISTOGRAM_BINS;
  let low = 0;
  for (let seen = 0; low < HISTOGRAM_BINS - 1; low++) {
    seen += counts[low]; // within its length
    if (seen > cut) break;
  }
  let high = HISTOGRAM_BINS - 1;
  for (let seen = 0; high > low; high--) {
    seen += counts[high]; // within its length
    if (seen > cut) break;
  }
  return byteScale(min + low * bin, min + (high + 1) * bin);
}
