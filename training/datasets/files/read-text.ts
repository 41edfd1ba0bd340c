import { readFile } from 'node:fs/promises';
import { codeOf } from '../../../msgs/code-of.js';
import { TrainingError } from '../../errors.js';

/**
 * A text file.
 * @param expected what the file is, for the message.
 * @throws TrainingError naming the file when it cannot be read.
 */
export async function readText(file: string, expected: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = codeOf(cause) === 'ENOENT' ? 'is missing' : 'cannot be read';
    throw new TrainingError(`${file} ${why}; expected ${expected}.`, { file, cause });
  }
}
