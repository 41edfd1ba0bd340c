import { lstat, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../models/durable-files.js';
import { checkFolderPlace } from '../../msgs/files/check-folder-place.js';
import { NodeError } from '../errors.js';
import type { ReplaySummary } from './replay-summary.js';

/** Longest file that is read to find out whether it is a summary. */
const LONGEST = 64 << 20;

/**
 * Refuses a place for a summary where something is already, unless `overwrite` is set and it is an earlier summary.
 * @throws NodeError, MessageError where the folder cannot be written
 */
export async function checkSummaryPlace(file: string, overwrite: boolean): Promise<void> {
  const found = await lstat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new NodeError(`--json ${file}: ${cause.message}`, { field: '--json', cause });
  });
  if (found === undefined) {
    const folder = path.dirname(path.resolve(file));
    if ((await stat(folder).catch(() => undefined))?.isDirectory()) return await checkFolderPlace(folder);
    throw new NodeError(`--json ${file} cannot be written: there is no folder ${folder}`, {
      field: '--json',
    });
  }
  const isOurs = found.isFile() && found.size < LONGEST && (await isSummary(file));
  if (isOurs && overwrite) return;
  throw new NodeError(
    isOurs
      ? `--json ${file} is an earlier summary: name another file, or add \`--overwrite\` to replace it`
      : `--json ${file} is no earlier summary: it is left alone; name another file`,
    { field: '--json' },
  );
}

/** Writes a summary as JSON; the file appears complete or not at all. */
export async function writeSummary(file: string, summary: ReplaySummary): Promise<void> {
  const json = { ...summary, topics: Object.fromEntries(summary.topics) };
  await replaceFile(file, `${JSON.stringify(json, undefined, 2)}\n`);
}

async function isSummary(file: string): Promise<boolean> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as unknown;
    return typeof value === 'object' && value !== null && 'framesIn' in value && 'imageTopic' in value;
  } catch {
    return false;
  }
}
