import { rename, writeFile } from 'node:fs/promises';
import { TrainingError } from '../errors.js';

/** Writes a report as JSON; the file appears complete or not at all. @throws TrainingError when it cannot be written. */
export async function writeReport(file: string, report: object): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  try {
    await writeFile(temporary, `${JSON.stringify(report, undefined, 2)}\n`);
    await rename(temporary, file);
  } catch (cause) {
    throw new TrainingError(`The report ${file} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
