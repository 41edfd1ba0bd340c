import { MessageError } from '../errors.js';
import { type RgbPicture, rgbPicture } from './rgb-picture.js';

/**
 * Shows a mask on its image: masked pixels (value not 0) are tinted, the others are darkened greys.
 * @param image the camera image, the same size as the mask.
 * @param mask [height, width], 0 = outside.
 * @param color tint of the masked pixels, sRGB 0..255, default a strong red.
 * @throws MessageError when the sizes differ.
 */
export function maskPicture(
  image: RgbPicture,
  mask: Uint8Array,
  color: readonly [number, number, number] = [255, 40, 40],
): RgbPicture {
  if (mask.length !== image.width * image.height) {
    throw new MessageError(
      `A mask for a ${image.width} x ${image.height} image needs \`${image.width * image.height}\` values, got \`${mask.length}\`.`,
    );
  }
  const picture = rgbPicture(image.width, image.height);
  for (let i = 0, o = 0; i < mask.length; i++, o += 3) {
    const r = image.rgb[o] ?? 0;
    const g = image.rgb[o + 1] ?? 0;
    const b = image.rgb[o + 2] ?? 0;
    const grey = 0.299 * r + 0.587 * g + 0.114 * b;
    const inside = mask[i] !== 0;
    picture.rgb[o] = inside ? 0.5 * r + 0.5 * color[0] : 0.6 * grey;
    picture.rgb[o + 1] = inside ? 0.5 * g + 0.5 * color[1] : 0.6 * grey;
    picture.rgb[o + 2] = inside ? 0.5 * b + 0.5 * color[2] : 0.6 * grey;
  }
  return picture;
}
