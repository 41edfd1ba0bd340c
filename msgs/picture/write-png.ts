import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { MessageError } from '../errors.js';
import { makeFolder } from '../files/make-folder.js';
import type { RgbPicture } from './rgb-picture.js';

/**
 * Writes a picture as a PNG file; the folder is made when it is missing. The file appears complete or not at all.
 * @throws MessageError naming the file, when it cannot be written.
 */
export async function writePng(file: string, picture: RgbPicture): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  const { width, height, rgb } = picture;
  try {
    await makeFolder(path.dirname(file));
    await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 6 })
      .toFile(temporary);
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MessageError(`The picture ${file} cannot be written: ${reason}`, { cause });
  }
}
