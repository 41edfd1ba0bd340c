import { CUTOUT, type Surface } from './mesh/surface.js';
import { noise3 } from './noise.js';

/**
 * Whether the surface has a hole at a world point (metres). It depends on the point alone, so every view and every
 * frame of a drive sees the same holes.
 */
export function isHole(surface: Surface, x: number, y: number, z: number): boolean {
  if (surface.cutout === CUTOUT.foliage) {
    const fine = noise3(x * 5.3, y * 5.3, z * 5.3, surface.seed);
    const coarse = noise3(x * 1.9, y * 1.9, z * 1.9, surface.seed ^ 0x51ed);
    return 0.55 * fine + 0.45 * coarse < surface.cutoutAmount;
  }
  const f = surface.frame;
  const along = (x - f.x) * f.c + (y - f.y) * f.s;
  const cell = along * surface.cutoutAmount;
  const share = cell - Math.floor(cell);
  if (surface.cutout === CUTOUT.pickets) {
    const height = z - f.z - f.slope * along;
    // params: [heights of two rails, m]
    const rail =
      Math.abs(height - (surface.params[0] ?? 0)) < 0.04 ||
      Math.abs(height - (surface.params[1] ?? 0)) < 0.04;
    return !rail && share > 0.5;
  }
  const cellZ = z * surface.cutoutAmount;
  const shareZ = cellZ - Math.floor(cellZ);
  return share > 0.2 && shareZ > 0.2;
}
