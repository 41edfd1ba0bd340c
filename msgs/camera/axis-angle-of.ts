import type { RigidTransform } from './rigid-transform.js';

/**
 * The inverse of `transformFromAxisAngle`, its rotation: direction the axis, length the angle in radians, below pi.
 * Source: Rodrigues' formula; at half a turn the axis is lost.
 */
export function axisAngleOf(m: RigidTransform): readonly [x: number, y: number, z: number] {
  const [xx = 1, xy = 0, xz = 0, , yx = 0, yy = 1, yz = 0, , zx = 0, zy = 0, zz = 1] = m;
  const axis = [(zy - yz) / 2, (xz - zx) / 2, (yx - xy) / 2] as const;
  const sine = Math.hypot(...axis);
  const factor = sine < 1e-9 ? 1 : Math.atan2(sine, (xx + yy + zz - 1) / 2) / sine;
  return [factor * axis[0], factor * axis[1], factor * axis[2]];
}
