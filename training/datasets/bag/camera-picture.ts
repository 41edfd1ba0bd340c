import sharp from 'sharp';
import type { CompressedImage } from '../../../msgs/compressed-image.js';
import type { Image } from '../../../msgs/image.js';
import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { validateImage } from '../../../msgs/validate-image.js';
import { TrainingError } from '../../errors.js';

/**
 * The picture of a camera message, jpeg, png or plain bytes; for error pictures and panels, not for the frame path.
 * @throws TrainingError when the file cannot be decoded or the encoding has no plain colour; MessageError for wrong sizes.
 */
export async function cameraPicture(message: Image | CompressedImage): Promise<RgbPicture> {
  if ('format' in message) {
    try {
      const image = sharp(message.data).toColourspace('srgb').removeAlpha();
      const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
      return rgbPicture(info.width, info.height, new Uint8Array(data));
    } catch (cause) {
      throw new TrainingError(
        `A ${message.format} image of ${message.data.length} bytes cannot be decoded: ${(cause as Error).message}`,
        { cause },
      );
    }
  }
  const { bytesPerPixel, channelOrder } = validateImage(message);
  if (channelOrder === undefined) {
    throw new TrainingError(
      `Pictures are made of 8-bit grey and colour images, not of \`${message.encoding}\`.`,
    );
  }
  const picture = rgbPicture(message.width, message.height);
  let to = 0;
  for (let row = 0; row < message.height; row++) {
    for (let column = 0; column < message.width; column++) {
      const from = row * message.step + column * bytesPerPixel;
      for (const channel of channelOrder) picture.rgb[to++] = message.data[from + channel] ?? 0;
    }
  }
  return picture;
}
