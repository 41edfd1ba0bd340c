import { noise2 } from '../../simulator/noise.js';
import type { Random } from '../../simulator/random.js';
import { type PictureLight, veil } from './picture-light.js';
import { isSky, type PixelScene } from './pixel-scene.js';

/** A low sun in or beside the picture, its veil over the lens, and a sky that is brighter than the sensor can tell. */
export function lowSun(scene: PixelScene, light: PictureLight, random: Random): void {
  const { width, height, labels, z, horizonRow } = scene;
  const sunX = random.uniform(-0.3, 1.3) * width;
  const sunY = horizonRow - random.uniform(0, 0.6) * height;
  const size = random.logUniform(0.04, 0.3) * width;
  const strength = random.uniform(60, 320);
  const haze = random.uniform(0, 45);
  const warm = random.uniform(0.7, 1);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      const d = Math.sqrt((column - sunX) ** 2 + (row - sunY) ** 2) / size;
      const sky = isSky(labels[i], z[i]);
      const glow = haze + (strength * (sky ? 1 : 0.55)) / (1 + d * d);
      veil(light, i, 1 - Math.min(0.5, glow / 500), [glow, glow * (0.5 + 0.5 * warm), glow * warm]);
    }
  }
}

/** The sky burnt out to white, and, as cameras do that expose for it, all else darker. */
export function blownSky(scene: PixelScene, light: PictureLight, random: Random): void {
  const { labels, z } = scene;
  const level = random.uniform(225, 275);
  const tint = random.normal(0, 4);
  const dark = random.uniform(0.45, 1);
  for (let i = 0; i < z.length; i++) {
    if (isSky(labels[i], z[i])) veil(light, i, 0.08, [level - tint, level, level + tint]);
    else veil(light, i, dark, [0, 0, 0]);
  }
}

/** Drops, dust and smears on the lens or the windscreen: soft spots that hide part of the picture. */
export function dirtyLens(scene: PixelScene, light: PictureLight, random: Random): void {
  const { width, height } = scene;
  const seed = random.uint32() | 0;
  for (let spot = random.integer(1, 9); spot > 0; spot--) {
    const cx = random.uniform(0, width);
    const cy = random.uniform(0, height);
    const radius = random.logUniform(0.012, 0.14) * width;
    const opacity = random.uniform(0.15, 0.75);
    const grey = random.uniform(20, 210);
    const color = [grey, grey * random.uniform(0.9, 1.05), grey * random.uniform(0.8, 1.1)] as const;
    const x0 = Math.max(0, Math.floor(cx - radius));
    const x1 = Math.min(width - 1, Math.ceil(cx + radius));
    for (let row = Math.max(0, Math.floor(cy - radius)); row <= Math.min(height - 1, cy + radius); row++) {
      for (let column = x0; column <= x1; column++) {
        const d = Math.sqrt((column - cx) ** 2 + (row - cy) ** 2) / radius;
        const edge = d + 0.35 * (noise2(column / radius / 0.5, row / radius / 0.5, seed + spot) - 0.5);
        const share = opacity * Math.min(1, Math.max(0, (1 - edge) * 3));
        if (share > 0) veil(light, row * width + column, 1 - share, color, share);
      }
    }
  }
}
