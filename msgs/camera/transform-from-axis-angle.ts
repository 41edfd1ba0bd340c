import type { RigidTransform } from './rigid-transform.js';

/**
 * Turns by an axis-angle vector, then shifts: T p = R p + t.
 * @param vector radians about x, y, z (its direction the axis, its length the angle), then x, y, z of t in its own unit. What
 *     follows is ignored, what is missing is 0. Source: Rodrigues' formula.
 */
export function transformFromAxisAngle(vector: ArrayLike<number>): RigidTransform {
  const { 0: x = 0, 1: y = 0, 2: z = 0, 3: tx = 0, 4: ty = 0, 5: tz = 0 } = vector;
  const angle = Math.hypot(x, y, z);
  const a = angle < 1e-9 ? 1 : Math.sin(angle) / angle;
  const b = angle < 1e-9 ? 0.5 : (1 - Math.cos(angle)) / angle ** 2;
  return Float64Array.of(
    ...[1 - b * (y * y + z * z), b * x * y - a * z, b * x * z + a * y, tx],
    ...[b * x * y + a * z, 1 - b * (x * x + z * z), b * y * z - a * x, ty],
    ...[b * x * z - a * y, b * y * z + a * x, 1 - b * (x * x + y * y), tz],
    ...[0, 0, 0, 1],
  );
}
