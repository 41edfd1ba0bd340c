import { DYNAMIC_CLASSES } from '../../losses/dynamic-masks.js';

/** What vehicles and people stand on: road, sidewalk, terrain (Cityscapes trainIds). */
const GROUND = [0, 1, 9];
/** Borders of labels are not exact: the ground is looked at so far below them, and again as far below that, pixels. */
const BELOW = 2;
const LOWER = 6;

/**
 * How far the objects of dynamic classes are by the ground that they stand on. In each column the depth of the ground at the
 * foot of an object, for all of its pixels above. On a plane the inverse depth is linear in the row (Hartley and Zisserman
 * 2004, section 8.1). So that of two rows below the border is continued up to it.
 * @param labels, depthMeters [H, W] of one picture.
 * @returns [H, W] in metres. It is NaN where nothing is known: no object, a foot outside of the picture, on another object or
 * on something else than ground.
 */
export function footDepth(
  labels: Uint8Array,
  depthMeters: Float32Array,
  width: number,
  height: number,
): Float32Array {
  const result = new Float32Array(labels.length).fill(Number.NaN);
  for (let x = 0; x < width; x++) {
    let foot = Number.NaN;
    for (let y = height - 1; y >= 0; y--) {
      const i = y * width + x;
      if (!DYNAMIC_CLASSES.includes(labels[i])) continue;
      const isLowest = y + 1 < height && !DYNAMIC_CLASSES.includes(labels[i + width]);
      if (y + 1 === height) foot = Number.NaN;
      else if (isLowest) foot = groundDepth(labels, depthMeters, i, width);
      result[i] = foot;
    }
  }
  return result;
}

function groundDepth(labels: Uint8Array, depthMeters: Float32Array, at: number, width: number): number {
  const [near, nearer] = [at + BELOW * width, at + LOWER * width];
  if (nearer >= labels.length) return Number.NaN;
  if (!GROUND.includes(labels[near]) || !GROUND.includes(labels[nearer])) return Number.NaN;
  const [a, b] = [1 / depthMeters[near], 1 / depthMeters[nearer]];
  if (!(a > 0 && b >= a)) return Number.NaN;
  // Close to the horizon the line would go through it.
  return 1 / Math.max(a / 2, a - ((b - a) * BELOW) / (LOWER - BELOW));
}
