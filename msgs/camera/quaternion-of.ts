import type { RigidTransform } from './rigid-transform.js';

/** Unit quaternion of a rotation matrix (rows 0 to 2 of a 4x4), by its largest component (Shepperd). */
export function quaternionOf(m: RigidTransform): { x: number; y: number; z: number; w: number } {
  const [xx, xy, xz, , yx, yy, yz, , zx, zy, zz] = m as unknown as number[]; // indexed alike
  const squares = [1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz];
  const largest = squares.indexOf(Math.max(...squares));
  const d = 2 * Math.sqrt(squares[largest] as number);
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
