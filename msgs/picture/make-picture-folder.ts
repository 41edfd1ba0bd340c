import { readdir } from 'node:fs/promises';
import { MessageError } from '../errors.js';
import { makeFolder } from '../files/make-folder.js';

/** As panels are named: the number of their frame. */
const PANEL = /^\d{6,}\.png$/;

/**
 * Makes a folder for panels. One that has pictures of such names is refused unless `overwrite` is set: a data set's own
 * are called so too. Other files in it are never touched.
 * @throws MessageError naming the picture that is in the way.
 */
export async function makePictureFolder(folder: string, overwrite: boolean): Promise<void> {
  await makeFolder(folder);
  const taken = overwrite ? undefined : (await readdir(folder)).find((name) => PANEL.test(name));
  if (taken === undefined) return;
  throw new MessageError(
    `the folder for pictures \`${folder}\` holds \`${taken}\`: name another one, or add \`--overwrite\` to replace pictures of the same names`,
  );
}
