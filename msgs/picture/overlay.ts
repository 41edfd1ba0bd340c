import { MessageError } from '../errors.js';
import { type RgbPicture, rgbPicture } from './rgb-picture.js';

/**
 * Blends two pictures of one size: (1 - alpha) * below + alpha * above.
 * @param alpha 0..1, default 0.5.
 * @throws MessageError when the sizes differ.
 */
export function overlay(below: RgbPicture, above: RgbPicture, alpha = 0.5): RgbPicture {
  if (below.width !== above.width || below.height !== above.height) {
    throw new MessageError(
      `Only pictures of one size can be blended, got \`${below.width} x ${below.height}\` and \`${above.width} x ${above.height}\`.`,
    );
  }
  const picture = rgbPicture(below.width, below.height);
  for (let i = 0; i < picture.rgb.length; i++) {
    picture.rgb[i] = Math.round((1 - alpha) * (below.rgb[i] ?? 0) + alpha * (above.rgb[i] ?? 0));
  }
  return picture;
}
