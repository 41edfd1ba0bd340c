import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { replaceFile } from '../models/durable-files.js';

/** JSON has no word for these, and figures of a broken candidate are such. */
const NOT_FINITE: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);

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
  return { results, save: () => replaceFile(file, `${JSON.stringify(results, named, 1)}\n`) };
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
    return JSON.parse(text, (_key, value: unknown) => (NOT_FINITE.has(value) ? Number(value) : value));
  } catch {
    return undefined;
  }
}

function named(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
