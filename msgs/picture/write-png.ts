import { lstat, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { MessageError } from '../errors.js';
import { makeFolder } from '../files/make-folder.js';
import { isOwnPng, marked } from './own-png.js';
import type { RgbPicture } from './rgb-picture.js';

/**
 * Writes a picture as a PNG file; the folder is made when it is missing. The file appears complete or not at all. What is
 * there is only replaced where it is a picture of this project.
 * @param inOwnFolder whether the folder is known to be this project's with all that is in it: then nothing is looked at.
 * @throws MessageError naming the file, when it cannot be written.
 */
export async function writePng(
  file: string,
  picture: RgbPicture,
  { inOwnFolder = false }: { readonly inOwnFolder?: boolean } = {},
): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  const { width, height, rgb } = picture;
  try {
    await makeFolder(path.dirname(file));
    if (!inOwnFolder && (await isForeign(file)))
      throw new Error('what is there is no picture of rxdepth, and is left alone');
    const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 6 })
      .toBuffer();
    await writeFile(temporary, marked(png));
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MessageError(`The picture ${file} cannot be written: ${reason}`, { file, cause });
  }
}

async function isForeign(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined);
  return found !== undefined && !(found.isFile() && (await isOwnPng(file)));
}
