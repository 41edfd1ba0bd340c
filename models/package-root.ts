import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelError } from './errors.js';

let known: string | undefined;

/** Folder of this package: the nearest one above this file, compiled or not, that holds a package.json. */
export function packageRoot(): string {
  known ??= find();
  return known;
}

function find(): string {
  const start = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    if (folder === path.dirname(folder)) {
      throw new ModelError(`No \`package.json\` found above ${start}: rxdepth is not installed completely.`);
    }
  }
}
