import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { replaceFile } from '../models/durable-files.js';

/**
 * Results that a bench keeps in a file from one start to the next, or `empty` where there are none yet.
 * @param isOwn whether what is there can be this bench's: anything else is left alone
 */
export async function storedResults<T>(
  file: string,
  empty: T,
  isOwn: (found: unknown) => boolean,
): Promise<{ readonly results: T; save(): Promise<void> }> {
  const found = existsSync(file) ? parsed(await readFile(file, 'utf8')) : empty;
  if (found !== empty && !isOwn(found))
    throw new Error(`${file} is not of an earlier start of this bench; give another \`--out FOLDER\``);
  const results = found as T; // as `isOwn` says
  return { results, save: () => replaceFile(file, `${JSON.stringify(results, undefined, 1)}\n`) };
}

/** Rows with these fields each. */
export function rowsWith(...fields: readonly string[]): (found: unknown) => boolean {
  return (found) =>
    Array.isArray(found) &&
    found.every(
      (row: unknown) => typeof row === 'object' && row !== null && fields.every((name) => name in row),
    );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
