import { type RgbPicture, rgbPicture } from './rgb-picture.js';

/**
 * Resizes a picture: area average when it shrinks, nearest pixel when it grows (so that pixels can be counted).
 * @param width, height of the result, pixels, at least 1.
 */
export function resizePicture(picture: RgbPicture, width: number, height: number): RgbPicture {
  if (picture.width === width && picture.height === height) return picture;
  const result = rgbPicture(width, height);
  for (let row = 0; row < height; row++) {
    const top = Math.floor((row * picture.height) / height);
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * picture.height) / height));
    for (let column = 0; column < width; column++) {
      const left = Math.floor((column * picture.width) / width);
      const right = Math.max(left + 1, Math.floor(((column + 1) * picture.width) / width));
      const count = (bottom - top) * (right - left);
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) sum += picture.rgb[(y * picture.width + x) * 3 + channel] ?? 0;
        }
        result.rgb[(row * width + column) * 3 + channel] = Math.round(sum / count);
      }
    }
  }
  return result;
}
