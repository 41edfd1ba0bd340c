import { lstat, open, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';
import { REPORT_MARK } from './report-html.js';

/** The mark stands in the first bytes. */
const HEAD_BYTES = 2000;

/** Refuses a place where something is already, unless `overwrite` is set and it is an earlier report. @throws TrainingError */
export async function checkHtmlPlace(file: string, overwrite: boolean): Promise<void> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) {
    const folder = path.dirname(path.resolve(file));
    if ((await lstat(folder).catch(() => undefined)) !== undefined) return;
    throw new TrainingError(`the report ${file} cannot be written: there is no folder ${folder}`, { file });
  }
  if (!found.isFile() || !(await isReport(file)))
    throw new TrainingError(`${file} is no earlier report, and is left alone: name another file`, { file });
  if (!overwrite)
    throw new TrainingError(`${file} is an earlier report: name another file, or add \`--overwrite\``, {
      file,
    });
}

/** The file appears complete or not at all. @throws TrainingError */
export async function writeHtml(file: string, html: string): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  try {
    await writeFile(temporary, html);
    await rename(temporary, file);
  } catch (cause) {
    throw new TrainingError(`the report ${file} cannot be written: ${messageOf(cause)}`, {
      file,
      cause,
    });
  }
}

async function isReport(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead).includes(REPORT_MARK);
  } finally {
    await handle.close();
  }
}
