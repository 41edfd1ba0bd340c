import { noise2 } from '../../simulator/noise.js';
import type { Random } from '../../simulator/random.js';
import { drawPalette } from './paint-palette.js';
import { boxMean, type StylePicture, unit } from './style-picture.js';

/**
 * Fine structure of the picture over coarse colours of something else: what is slow in it is replaced, what is fast grows or
 * shrinks. After the idea of Fourier domain adaptation (Yang and Soatto 2020), by means over squares instead of spectra.
 */
export function mixFrequencies({ rgb, width, height }: StylePicture, random: Random): void {
  const count = width * height;
  const radius = Math.max(2, Math.round(height * random.uniform(0.06, 0.25)));
  const gain = random.logUniform(0.6, 2.5);
  const share = random.uniform(0.5, 1);
  const [dark, bright] = drawPalette(random, 2);
  const seed = random.uint32() | 0;
  const scale = random.uniform(1, 4) / height;
  for (let c = 0; c < 3; c++) {
    const plane = rgb.slice(c * count, (c + 1) * count);
    const slow = boxMean(boxMean(plane, width, height, radius), width, height, radius);
    for (let i = 0; i < count; i++) {
      const x = i % width;
      const y = (i - x) / width;
      const cloud = noise2(x * scale, y * scale, seed);
      const other = (dark?.[c] ?? 0) + cloud * ((bright?.[c] ?? 1) - (dark?.[c] ?? 0));
      const ground = slow[i] + share * (other - slow[i]);
      rgb[c * count + i] = unit(ground + gain * (plane[i] - slow[i]));
    }
  }
}
