import { type DecodeOptions, decodeImage } from '../../../models/decode-image.js';
import { ImageConverter } from '../../../models/image-converter.js';
import type { CompressedImage } from '../../../msgs/compressed-image.js';
import type { Image } from '../../../msgs/image.js';
import { messageOf } from '../../../msgs/message-of.js';
import type { Pixels } from '../../../msgs/picture/pixels.js';
import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { validateImage } from '../../../msgs/validate-image.js';
import { TrainingError } from '../../errors.js';

/** Opens a graph for the first image that needs one; there are few encodings in a process. */
const converter = new ImageConverter(1);

/**
 * The picture of a camera message: jpeg, png, or any raw encoding that the nodes read, by the same way. It blocks its thread
 * for encodings that have to be converted.
 * @param onWarning told what is odd about the image though it can be used
 * @throws TrainingError when the message cannot be made a picture.
 */
export async function cameraPicture(
  message: Image | CompressedImage,
  options: DecodeOptions = {},
  onWarning: (text: string) => void = () => {},
): Promise<RgbPicture> {
  try {
    const { pixels, warnings } = await decodeImage(encodedImage(message), converter, options);
    for (const warning of warnings) onWarning(warning);
    const picture = pictureOf(pixels);
    converter.reuse(pixels);
    return picture;
  } catch (cause) {
    throw new TrainingError(`An image cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function encodedImage(message: Image | CompressedImage): Parameters<typeof decodeImage>[0] {
  if ('format' in message) return { kind: 'compressed', bytes: message.data, format: message.format };
  validateImage(message);
  const { data: bytes, height, width, step, encoding, is_bigendian } = message;
  return { kind: 'raw', bytes, height, width, step, encoding, is_bigendian };
}

/** Always a copy: the message's memory and the converter's are used again. */
function pictureOf({ data, height, width, step, bytesPerPixel, channelOrder }: Pixels): RgbPicture {
  const picture = rgbPicture(width, height);
  let to = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = row * step + column * bytesPerPixel;
      for (const channel of channelOrder) picture.rgb[to++] = data[from + channel] ?? 0;
    }
  }
  return picture;
}
