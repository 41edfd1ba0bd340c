import sharp from 'sharp';
import { TrainingError } from '../../errors.js';
import { unreadableReason } from './unreadable-reason.js';

/** Size of a picture file, from its header. @throws TrainingError naming the file when it has none. */
export async function pictureSize(
  file: string,
): Promise<{ readonly height: number; readonly width: number }> {
  try {
    const { height, width } = await sharp(file).metadata();
    return { height, width };
  } catch (cause) {
    throw new TrainingError(`The picture ${file} cannot be read: ${await unreadableReason(file, cause)}.`, {
      file,
      cause,
    });
  }
}
