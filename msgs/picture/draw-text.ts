import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphPixel } from './bitmap-font.js';
import type { RgbPicture } from './rgb-picture.js';

/**
 * Writes one line of text into the picture, in place; what reaches beyond the picture is cut off.
 * @param left, top of the first glyph, pixels.
 * @param color sRGB 0..255.
 * @param size pixels a dot of the font, default 1 (glyphs of 5 x 9 pixels).
 */
export function drawText(
  picture: RgbPicture,
  {
    text,
    left,
    top,
    color = [255, 255, 255],
    size = 1,
  }: {
    readonly text: string;
    readonly left: number;
    readonly top: number;
    readonly color?: readonly [number, number, number];
    readonly size?: number;
  },
): void {
  for (const [index, character] of Array.from(text).entries()) {
    const start = left + index * (GLYPH_WIDTH + 1) * size;
    for (let y = 0; y < GLYPH_HEIGHT * size; y++) {
      for (let x = 0; x < GLYPH_WIDTH * size; x++) {
        if (!glyphPixel(character, Math.floor(x / size), Math.floor(y / size))) continue;
        const column = start + x;
        const row = top + y;
        if (column < 0 || row < 0 || column >= picture.width || row >= picture.height) continue;
        picture.rgb.set(color, (row * picture.width + column) * 3);
      }
    }
  }
}
