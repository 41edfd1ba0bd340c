import { median } from '../../../vision/median.js';
import type { TeacherDepth } from './teacher.js';

/** Fewer pixels settle no scale. */
const LEAST_PIXELS = 200;
/** Pixels that a fit looks at. */
const MOST_PIXELS = 20_000;
const ITERATIONS = 24;
const HUBER_ITERATIONS = 8;
/** Relative residuals below this count by their square; above it linearly, and in the end hardly at all. */
const CLOSE = 0.05;
/** With weights that let go, so many times as much is close. */
const WIDER = 3;
/** What is farther by a fitted line is infinitely far. */
const FAR_METERS = 1000;
/** Where a network's depth was cut off before it was inverted. */
const CUT = 1.01e-3;

/**
 * A teacher's depth in the running model's metres, by the pixels in which both have a depth and `counts` is 1. It is
 * undefined where these are too few, or where near and far would be exchanged. A metric depth stays as it is.
 * @param depth of the teacher. @param reference of the running model, metres. All [H, W].
 */
export function alignDepth(
  kind: Exclude<TeacherDepth, 'none'>,
  depth: Float32Array,
  reference: Float32Array,
  counts: ArrayLike<number>,
): Float32Array | undefined {
  if (kind === 'metric') return depth;
  if (kind === 'scalable') {
    const scale = depthRatio(reference, depth, counts);
    return scale === undefined ? undefined : depth.map((z) => scale * z);
  }
  const isInverse = kind === 'affine-inverse';
  // What was cut off is known to be near or far, not how much.
  const value = (z: number) =>
    !(z > CUT && z < Number.POSITIVE_INFINITY) ? Number.NaN : isInverse ? 1 / z : z;
  const line = fitLine(
    sample(depth, reference, counts).map((i) => ({
      x: value(depth[i]),
      y: isInverse ? 1 / reference[i] : reference[i],
    })),
  );
  if (line === undefined) return undefined;
  return depth.map((z) => {
    const fitted = line.scale * value(z) + line.shift;
    if (Number.isNaN(fitted)) return Number.NaN;
    if (!isInverse) return fitted > 0 ? fitted : Number.NaN;
    return fitted > 1 / FAR_METERS ? 1 / fitted : Number.POSITIVE_INFINITY;
  });
}

/** Median of a / b over the pixels in which both are finite and `counts` is 1; undefined where these are too few. */
export function depthRatio(a: Float32Array, b: Float32Array, counts: ArrayLike<number>): number | undefined {
  const pixels = sample(a, b, counts);
  return pixels.length < LEAST_PIXELS ? undefined : median(pixels.map((i) => a[i] / b[i]));
}

/** Some of the pixels in which both are finite. */
function sample(a: Float32Array, b: Float32Array, counts: ArrayLike<number>): number[] {
  const hasDepth = (z: number) => z > 0 && z < Number.POSITIVE_INFINITY;
  const found: number[] = [];
  for (let i = 0; i < a.length; i++) if (counts[i] === 1 && hasDepth(a[i]) && hasDepth(b[i])) found.push(i);
  const step = Math.max(1, Math.floor(found.length / MOST_PIXELS));
  return found.filter((_, i) => i % step === 0);
}

/**
 * y = scale x + shift, by the least relative residuals; undefined where scale would not be positive.
 * Source: iteratively reweighted least squares, with Huber's weights, then Geman and McClure's, which let go of what is wrong
 * (Holland and Welsch 1977; Geman and McClure 1985).
 */
function fitLine(
  points: readonly { readonly x: number; readonly y: number }[],
): { readonly scale: number; readonly shift: number } | undefined {
  const known = points.filter(({ x }) => !Number.isNaN(x));
  if (known.length < LEAST_PIXELS) return undefined;
  let line = { scale: 0, shift: 0 };
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
    for (const { x, y } of known) {
      const residual = Math.abs(line.scale * x + line.shift - y) / y;
      const weight = (iteration === 0 ? 1 : trust(residual, iteration)) / y ** 2;
      w += weight;
      wx += weight * x;
      wy += weight * y;
      wxx += weight * x * x;
      wxy += weight * x * y;
    }
    const determinant = w * wxx - wx * wx;
    if (!(determinant > 0)) return undefined;
    line = { scale: (w * wxy - wx * wy) / determinant, shift: (wxx * wy - wx * wxy) / determinant };
  }
  return line.scale > 0 ? line : undefined;
}

function trust(residual: number, iteration: number): number {
  if (iteration < HUBER_ITERATIONS) return Math.min(1, CLOSE / residual);
  return 1 / (1 + (residual / (WIDER * CLOSE)) ** 2) ** 2;
}
