import type { Random } from '../../simulator/random.js';
import { brightness, type Color, type StylePicture, unit } from './style-picture.js';

/** Brightness is mapped onto a few drawn colours, smoothly or in steps: duotones, tinted prints, false colours. */
export function paintPalette(picture: StylePicture, random: Random): void {
  const { rgb, width, height } = picture;
  const count = width * height;
  const colors = drawPalette(random, random.integer(2, 6));
  const sharpness = random.logUniform(1, 12);
  const kept = random.chance(0.5) ? 0 : random.uniform(0, 0.5);
  const tones = brightness(picture);
  for (let i = 0; i < count; i++) {
    const at = unit(tones[i]) * (colors.length - 1);
    const low = Math.min(colors.length - 2, Math.floor(at));
    // A step that is more or less steep between two colours.
    const share = unit((at - low - 0.5) * sharpness + 0.5);
    for (let c = 0; c < 3; c++) {
      const from = colors[low]?.[c] ?? 0;
      const painted = from + share * ((colors[low + 1]?.[c] ?? 0) - from);
      rgb[c * count + i] = kept * rgb[c * count + i] + (1 - kept) * painted;
    }
  }
}

/** Least distance of the darkest and the brightest colour: what a picture shows must remain to be seen. */
const LEAST_CONTRAST = 0.4;

/** Colours, as a rule from dark to bright, sometimes in any order. */
export function drawPalette(random: Random, count: number): Color[] {
  const tone = ([r, g, b]: Color) => 0.299 * r + 0.587 * g + 0.114 * b;
  for (;;) {
    const colors = Array.from(
      { length: count },
      (): Color => [random.uniform(), random.uniform(), random.uniform()],
    );
    const tones = colors.map(tone);
    if (Math.max(...tones) - Math.min(...tones) < LEAST_CONTRAST) continue;
    return random.chance(0.2) ? colors : colors.sort((a, b) => tone(a) - tone(b));
  }
}
