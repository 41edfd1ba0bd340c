import sharp from 'sharp';
import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { TrainingError } from '../../errors.js';
import { unreadableReason } from './unreadable-reason.js';

/** A png or jpeg file as 8-bit sRGB. @throws TrainingError naming the file when it cannot be decoded. */
export async function readPicture(file: string): Promise<RgbPicture> {
  try {
    const image = sharp(file, { failOn: 'error' }).toColourspace('srgb').removeAlpha();
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    return rgbPicture(info.width, info.height, new Uint8Array(data.buffer, data.byteOffset, data.length));
  } catch (cause) {
    throw new TrainingError(
      `The picture ${file} cannot be read: ${await unreadableReason(file, cause)}; mend or remove it.`,
      {
        file,
        cause,
      },
    );
  }
}
