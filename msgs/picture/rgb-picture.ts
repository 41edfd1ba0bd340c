import { MessageError } from '../errors.js';

/** An 8-bit sRGB picture in memory; `rgb` is [height, width, 3], row major without padding. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/**
 * Wraps (without a copy) the bytes of a picture, or makes an empty (black) one.
 * @throws MessageError when the sizes are not positive integers or do not fit the bytes.
 */
export function rgbPicture(
  width: number,
  height: number,
  rgb: Uint8Array = new Uint8Array(Math.max(0, width * height * 3)),
): RgbPicture {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new MessageError(
      `A picture needs a width and a height of at least 1 pixel, got \`${width}\` x \`${height}\`.`,
    );
  }
  if (rgb.length !== width * height * 3) {
    throw new MessageError(
      `A ${width} x ${height} rgb picture needs \`${width * height * 3}\` bytes, got \`${rgb.length}\`.`,
    );
  }
  return { width, height, rgb };
}
