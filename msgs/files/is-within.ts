import { isAbsolute, relative, sep } from 'node:path';

/** Whether an absolute path is a folder or lies in it, by its name alone: see `truePath`. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
