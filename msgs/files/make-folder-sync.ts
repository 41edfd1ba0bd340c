import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MessageError } from '../errors.js';

/** `makeFolder` for those who cannot wait. @throws MessageError naming the folder and what is in the way. */
export function makeFolderSync(path: string): void {
  try {
    make(resolve(path));
  } catch (cause) {
    throw new MessageError(`the folder ${path} cannot be made: ${(cause as Error).message}`, {
      file: path,
      cause,
    });
  }
}

function make(folder: string): void {
  if (isFolder(folder)) return;
  if (dirname(folder) !== folder) make(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been quicker.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
