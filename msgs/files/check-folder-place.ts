import { constants } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { MessageError } from '../errors.js';

/**
 * Refuses a folder that could not be made, or not be written into, without making any: what takes long comes after it.
 * @throws MessageError naming the folder and what is in the way.
 */
export async function checkFolderPlace(path: string): Promise<void> {
  try {
    await check(resolve(path));
  } catch (cause) {
    throw new MessageError(`the folder ${path} cannot be written: ${(cause as Error).message}`, {
      file: path,
      cause,
    });
  }
}

async function check(folder: string): Promise<void> {
  const status = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    // ENOTDIR: the file in the way is found, and named, further up.
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    return undefined;
  });
  if (status === undefined) {
    const link = await lstat(folder).catch(() => undefined);
    if (link?.isSymbolicLink())
      throw new Error(`a symbolic link that leads nowhere is in the way: ${folder}`);
    return await check(dirname(folder));
  }
  if (!status.isDirectory()) throw new Error(`a file of this name is in the way: ${folder}`);
  await access(folder, constants.W_OK | constants.X_OK).catch(({ code }: NodeJS.ErrnoException) => {
    throw new Error(
      code === 'EROFS'
        ? `${folder} lies on a read-only file system`
        : `there is no permission to write into ${folder}`,
    );
  });
}
