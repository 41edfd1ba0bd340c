import { lstat, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkFolderPlace } from '../../msgs/files/check-folder-place.js';
import { messageOf } from '../../msgs/message-of.js';
import { TrainingError } from '../errors.js';

/** Longest file that is read to find out whether it is a report. */
const LONGEST = 1 << 30;

/** What a user asked for, by which a refusal names the place of a report. */
export interface ReportOption {
  /** The option that the file follows from. */
  readonly field: string;
  /** How the file is named. */
  readonly shown: string;
}

/**
 * Refuses a place for a report where something is already, unless `overwrite` is set and it is an earlier report.
 * @param option where it is not `--json FILE`
 * @throws TrainingError, MessageError where the folder cannot be written
 */
export async function checkReportPlace(
  file: string,
  overwrite: boolean,
  { field, shown }: ReportOption = { field: '--json', shown: `--json ${file}` },
): Promise<void> {
  const found = await lstat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new TrainingError(`${shown}: ${cause.message}`, { field, cause });
  });
  if (found === undefined) {
    const folder = path.dirname(path.resolve(file));
    if ((await stat(folder).catch(() => undefined))?.isDirectory()) return await checkFolderPlace(folder);
    throw new TrainingError(`The report ${file} cannot be written: there is no folder ${folder}.`);
  }
  if (found.isFile() && found.size < LONGEST && (await isReport(file))) {
    if (overwrite) return;
    throw new TrainingError(
      `${shown} is an earlier report: name another file, or add \`--overwrite\` to replace it.`,
      { field },
    );
  }
  throw new TrainingError(`${shown} is not an earlier report: it is left alone; name another file.`, {
    field,
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
export async function writeReport(
  file: string,
  report: object,
  overwrite: boolean,
  option?: ReportOption,
): Promise<void> {
  await checkReportPlace(file, overwrite, option);
  const temporary = `${file}.${process.pid}.part`;
  try {
    await writeFile(temporary, `${JSON.stringify(report, undefined, 2)}\n`);
    await rename(temporary, file);
  } catch (cause) {
    throw new TrainingError(`The report ${file} cannot be written: ${messageOf(cause)}`, { cause });
  }
}
