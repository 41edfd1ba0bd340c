import { CUTOUT, type Surface } from './mesh/surface.js';
import { noise3At } from './noise.js';

/**
 * Whether the surface has a hole at a world point (x, y, z), metres. It depends on the point alone, so every view and every
 * frame of a drive sees the same holes.
 */
export function isHole(surface: Surface, point: Float64Array): boolean {
  if (surface.cutout === CUTOUT.foliage) {
    const coarse = noise3At(point, 1.7, surface.seed ^ 0x51ed);
    // What the coarse part settles needs no fine part.
    const rest = surface.cutoutAmount - 0.5 * coarse;
    if (rest <= 0) return false;
    if (rest >= 0.5) return true;
    return 0.5 * noise3At(point, 6.7, surface.seed) < rest;
  }
  const x = point[0];
  const y = point[1];
  const z = point[2];
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
