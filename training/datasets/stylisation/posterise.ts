import type { Random } from '../../simulator/random.js';
import { boxMean, brightness, type StylePicture } from './style-picture.js';

/** Few levels of each colour over a flattened picture, sometimes with dark outlines: posters, comics, screen prints. */
export function posterise(picture: StylePicture, random: Random): void {
  const { rgb, width, height } = picture;
  const count = width * height;
  const radius = random.integer(0, Math.max(1, Math.round(height / 60)));
  const outline = random.chance(0.5) ? random.uniform(0.4, 1) : 0;
  const tones = boxMean(brightness(picture), width, height, 1);
  for (let c = 0; c < 3; c++) {
    const levels = random.integer(2, 5);
    const shift = random.uniform(-0.3, 0.3);
    const plane = boxMean(rgb.slice(c * count, (c + 1) * count), width, height, radius);
    for (let i = 0; i < count; i++) {
      const level = Math.min(levels - 1, Math.max(0, Math.floor(plane[i] * levels + shift)));
      rgb[c * count + i] = level / (levels - 1);
    }
  }
  if (outline === 0) return;
  for (let i = 0; i < count; i++) {
    const x = i % width;
    const right = x + 1 < width ? Math.abs(tones[i + 1] - tones[i]) : 0;
    const below = i + width < count ? Math.abs(tones[i + width] - tones[i]) : 0;
    const edge = Math.min(1, 12 * Math.max(right, below)) * outline;
    for (let c = 0; c < 3; c++) rgb[c * count + i] *= 1 - edge;
  }
}
