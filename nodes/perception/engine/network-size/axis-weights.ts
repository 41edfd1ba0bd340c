/** What one pixel of a shorter axis is made of: neighbours of the longer one from `first` on, with their weights. */
export interface WeightedRun {
  readonly first: number;
  readonly weights: readonly number[];
}

/** What one pixel of a longer axis lies between, and how far from each. */
export interface Neighbours {
  readonly lower: number;
  readonly upper: number;
  /** Distances in pixels of the shorter axis, which sum to 1. */
  readonly toLower: number;
  readonly toUpper: number;
}

const f32 = Math.fround;

/**
 * A triangle over twice the distance of the new pixels, as onnxruntime has it for `Resize` with `antialias`. What lies beyond
 * the edge repeats the outermost pixel. Every step is rounded to 32 bits as there, so that equal bytes come out. Source:
 * onnxruntime, upsample_antialias.h, SetupUpsampleFilterAntiAlias.
 */
export function lowPassWeights(from: number, to: number): WeightedRun[] {
  const ratio = f32(to / from);
  const distance = f32(1 / ratio);
  const support = Math.max(1, distance);
  const narrowing = distance >= 1 ? f32(1 / distance) : 1;
  return Array.from({ length: to }, (_, index) => {
    const center = f32(f32(originalPlace(index, ratio, distance)) + 0.5);
    const low = Math.floor(f32(f32(center - support) + 0.5));
    const high = Math.floor(f32(f32(center + support) + 0.5));
    const weights = Array.from({ length: high - low }, (_, i) => {
      const away = Math.abs(f32(f32(f32(i + low - center) + 0.5) * narrowing));
      return away < 1 ? f32(1 - away) : 0;
    });
    const total = weights.reduce((sum, weight) => f32(sum + weight), 0);
    const before = Math.max(0, -low);
    const behind = Math.max(0, high - from);
    addOnto(weights, before, 0, before);
    addOnto(weights, weights.length - behind - 1, weights.length - behind, weights.length);
    const share = total === 0 ? 1 : f32(1 / total);
    return {
      first: Math.max(0, low),
      weights: weights.slice(before, weights.length - behind).map((weight) => f32(weight * share)),
    };
  });
}

/** Adds what lies beyond the edge to the outermost pixel. */
function addOnto(weights: number[], edge: number, from: number, to: number): void {
  for (let i = from; i < to; i++) weights[edge] = f32((weights[edge] as number) + (weights[i] as number));
}

/**
 * Bilinear neighbours, as onnxruntime has them for `Resize` of mode `linear`.
 * Source: onnxruntime, upsample.cc, SetupUpsampleBilinear.
 */
export function linearNeighbours(from: number, to: number): Neighbours[] {
  const ratio = f32(to / from);
  return Array.from({ length: to }, (_, index) => {
    const place = Math.min(from - 1, Math.max(0, originalPlace(index, ratio, ratio)));
    const lower = Math.floor(place);
    const upper = Math.min(lower + 1, from - 1);
    if (lower === upper) return { lower, upper, toLower: 0.5, toUpper: 0.5 };
    return {
      ...{ lower, upper },
      toLower: f32(place - lower),
      toUpper: f32(Math.abs(f32(place - upper))),
    };
  });
}

/** Where the centre of a new pixel lies among the old ones. @param same 1 where there are as many */
function originalPlace(index: number, ratio: number, same: number): number {
  return same === 1 ? index : f32(f32(f32(index + 0.5) / ratio) - 0.5);
}
