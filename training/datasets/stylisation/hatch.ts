import { cos, sin } from '../../simulator/exact-math.js';
import { noise2 } from '../../simulator/noise.js';
import type { Random } from '../../simulator/random.js';
import { drawPalette } from './paint-palette.js';
import { brightness, type StylePicture, unit } from './style-picture.js';

/** Lines on paper, the denser the darker the picture is: pen, copperplate, cross-hatching; sometimes colours shine through. */
export function hatch(picture: StylePicture, random: Random): void {
  const { rgb, width, height } = picture;
  const count = width * height;
  const tones = brightness(picture);
  const [ink, paper] = drawPalette(random, 2);
  const layers = random.integer(1, 3);
  const stretch = stretchOf(tones);
  const spacing = Math.max(2.5, height * random.uniform(0.02, 0.05));
  const first = random.uniform(0, Math.PI);
  const seed = random.uint32() | 0;
  const colored = random.chance(0.4) ? random.uniform(0.3, 0.8) : 0;
  const wobble = random.uniform(0, 0.5) * spacing;
  const directions = Array.from({ length: layers }, (_, layer) => {
    const angle = first + (layer * Math.PI) / layers;
    return [cos(angle), sin(angle)] as const;
  });
  for (let i = 0; i < count; i++) {
    const x = i % width;
    const y = (i - x) / width;
    const shift = wobble * noise2(x / (4 * spacing), y / (4 * spacing), seed);
    let covered = 0;
    for (const [layer, [c, s]] of directions.entries()) {
      // Each direction begins where the picture gets darker.
      const dark = unit(stretch(tones[i]) * layers - layer);
      const phase = (x * c + y * s + shift) / spacing;
      const distance = Math.abs(phase - Math.round(phase)) * spacing;
      covered = Math.max(covered, unit(0.5 * dark * spacing - distance + 0.5) * (dark > 0 ? 1 : 0));
    }
    for (let c = 0; c < 3; c++) {
      const at = c * count + i;
      const ground = colored * rgb[at] + (1 - colored) * (paper?.[c] ?? 1);
      rgb[at] = ground + covered * ((ink?.[c] ?? 0) - ground);
    }
  }
}

/** How dark a tone is within the picture: 0 for its brightest, 1 for its darkest twentieth. */
function stretchOf(tones: Float32Array): (tone: number) => number {
  const sorted = tones.toSorted();
  const [dark = 0, bright = 1] = [0.05, 0.95].map((share) => sorted[Math.floor(share * (sorted.length - 1))]);
  return (tone) => unit((bright - tone) / Math.max(bright - dark, 1e-3));
}
