import sharp from 'sharp';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';

/** Size of a picture file, from its header. @throws TrainingError naming the file when it has none. */
export async function pictureSize(
  file: string,
): Promise<{ readonly height: number; readonly width: number }> {
  try {
    const { height, width } = await sharp(file).metadata();
    return { height, width };
  } catch (cause) {
    throw new TrainingError(`The picture ${file} cannot be read: ${messageOf(cause)}.`, {
      file,
      cause,
    });
  }
}
