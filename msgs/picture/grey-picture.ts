import { type RgbPicture, rgbPicture } from './rgb-picture.js';

/** A map of values in 0..1, row major, as shades of grey; what lies outside is cut to that. */
export function greyPicture(
  values: ArrayLike<number>,
  { width, height }: { readonly width: number; readonly height: number },
): RgbPicture {
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const value = Math.max(0, Math.min(255, Math.round(255 * (values[i] ?? 0))));
    rgb.fill(value, 3 * i, 3 * i + 3);
  }
  return rgbPicture(width, height, rgb);
}
