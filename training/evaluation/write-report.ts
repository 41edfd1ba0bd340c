import { lstat, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkFolderPlace } from '../../msgs/files/check-folder-place.js';
import { messageOf } from '../../msgs/message-of.js';
import { TrainingError } from '../errors.js';

/** Longest file that is read to find out whether it is a report. */
const LONGEST = 1 << 30;

/**
 * Refuses a place for a report where something is already, unless `overwrite` is set and it is an earlier report.
 * @throws TrainingError, MessageError where the folder cannot be written
 */
export async function checkReportPlace(file: string, overwrite: boolean): Promise<void> {
  const found = await lstat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new TrainingError(`--json ${file}: ${cause.message}`, { field: '--json', cause });
  });
  if (found === undefined) {
    const folder = path.dirname(path.resolve(file));
    if ((await stat(folder).catch(() => undefined))?.isDirectory()) return await checkFolderPlace(folder);
    throw new TrainingError(`The report ${file} cannot be written: there is no folder ${folder}.`);
  }
  if (found.isFile() && found.size < LONGEST && (await isReport(file))) {
    if (overwrite) return;
    throw new TrainingError(
      `--json ${file} is an earlier report: name another file, or add \`--overwrite\` to replace it.`,
      { field: '--json' },
    );
  }
  throw new TrainingError(`--json ${file} is not an earlier report: it is left alone; name another file.`, {
    field: '--json',
  });
}

async function isReport(file: string): Promise<boolean> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return (
      typeof value === 'object' &&
      value !== null &&
      'options' in value &&
      ('truth' in value || 'dataset' in value)
    );
  } catch {
    return false;
  }
}

/** Writes a report as JSON; the file appears complete or not at all. @throws TrainingError when it cannot be written. */
export async function writeReport(file: string, report: object, overwrite: boolean): Promise<void> {
  await checkReportPlace(file, overwrite);
  const temporary = `${file}.${process.pid}.part`;
  try {
    await writeFile(temporary, `${JSON.stringify(report, undefined, 2)}\n`);
    await rename(temporary, file);
  } catch (cause) {
    throw new TrainingError(`The report ${file} cannot be written: ${messageOf(cause)}`, { cause });
  }
}
