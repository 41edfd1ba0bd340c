import type { RigidTransform } from './rigid-transform.js';

/** Unit quaternion of a rotation matrix (rows 0 to 2 of a 4x4), by its largest component (Shepperd). */
export function quaternionOf(m: RigidTransform): { x: number; y: number; z: number; w: number } {
  const [xx = 1, xy = 0, xz = 0, , yx = 0, yy = 1, yz = 0, , zx = 0, zy = 0, zz = 1] = m;
  const squares = [1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz];
  const most = Math.max(...squares);
  const largest = squares.indexOf(most);
  const d = 2 * Math.sqrt(most);
  switch (largest) {
    case 0:
      return { x: d / 4, y: (xy + yx) / d, z: (xz + zx) / d, w: (zy - yz) / d };
    case 1:
      return { x: (xy + yx) / d, y: d / 4, z: (yz + zy) / d, w: (xz - zx) / d };
    case 2:
      return { x: (xz + zx) / d, y: (yz + zy) / d, z: d / 4, w: (yx - xy) / d };
    default:
      return { x: (zy - yz) / d, y: (xz - zx) / d, z: (yx - xy) / d, w: d / 4 };
  }
}
