import { ROAD } from '../../../models/class-table.js';
import { noise2 } from '../../simulator/noise.js';
import type { Random } from '../../simulator/random.js';
import type { Sample } from '../stores/sample.js';
import { type PictureLight, veil } from './picture-light.js';
import type { PixelScene } from './pixel-scene.js';

/** Rain on the road: darker asphalt that mirrors what stands over the horizon, in puddles or all over. */
export function wetRoad(
  scene: PixelScene,
  light: PictureLight,
  random: Random,
  { rgb }: Pick<Sample, 'rgb'>,
): void {
  const seed = random.uint32() | 0;
  const darkness = random.uniform(0.5, 0.9);
  const mirror = random.uniform(0.15, 0.8);
  const puddles = random.chance(0.5) ? random.logUniform(0.15, 0.8) : 0;
  const blur = random.integer(0, 6);
  const { width, height, x, z, labels, horizonRow, source, cameraHeightMeters } = scene;
  for (let row = Math.max(0, Math.ceil(horizonRow)); row < height; row++) {
    const opposite = Math.round(2 * horizonRow - row);
    for (let column = 0; column < width; column++) {
      const i = row * width + column;
      if (labels[i] !== ROAD || !(z[i] < 120)) continue;
      const wet = puddles === 0 ? 1 : clamp01((noise2(x[i] * puddles, z[i] * puddles, seed) - 0.45) * 8);
      if (wet === 0) continue;
      // Schlick's approximation of Fresnel's law for a level surface seen at this angle.
      const down = cameraHeightMeters / Math.sqrt(z[i] * z[i] + cameraHeightMeters * cameraHeightMeters);
      const share = wet * mirror * (0.03 + 0.97 * (1 - down) ** 5);
      const ripple = blur === 0 ? 0 : Math.round((noise2(x[i] * 3, z[i] * 3, seed + 1) - 0.5) * blur);
      const seen = Math.min(height - 1, Math.max(0, opposite + ripple)) * width + column;
      const o = (source[seen] ?? 0) * 3;
      const dark = (1 - wet * (1 - darkness)) * (1 - share);
      veil(light, i, dark, [rgb[o], rgb[o + 1], rgb[o + 2]], share);
    }
  }
}

function clamp01(value: number): number {
  return value < 0 ? 0 : Math.min(value, 1);
}
