import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { MessageError } from '../errors.js';
import { checkFolderPlace } from '../files/check-folder-place.js';
import { makeFolder } from '../files/make-folder.js';
import { isOwnPng } from './own-png.js';

/**
 * Makes a folder for panels. One that has PNG files is refused, unless `overwrite` is set and this project wrote them all.
 * Other files in it are never touched.
 * @throws MessageError naming the picture that is in the way.
 */
export async function makePictureFolder(folder: string, overwrite: boolean): Promise<void> {
  await checkPictureFolder(folder, overwrite);
  await makeFolder(folder);
}

/** Refuses what `makePictureFolder` refuses, and makes nothing. @throws MessageError naming what is in the way. */
export async function checkPictureFolder(folder: string, overwrite: boolean): Promise<void> {
  await checkFolderPlace(folder);
  const pictures = (await namesIn(folder)).filter((name) => /\.png$/i.test(name));
  const [first] = pictures;
  if (first === undefined) return;
  if (!overwrite) {
    throw new MessageError(
      `the folder for pictures \`${folder}\` holds \`${first}\`: name another one, or add \`--overwrite\` to replace pictures of the same names`,
    );
  }
  for (const name of pictures) {
    const file = path.join(folder, name);
    if ((await lstat(file)).isFile() && (await isOwnPng(file))) continue;
    throw new MessageError(
      `the folder for pictures \`${folder}\` is left alone: \`${name}\` in it is no picture of rxdepth; name another one`,
    );
  }
}

/** None where the folder is not there yet. */
async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
