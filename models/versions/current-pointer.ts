import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../durable-files.js';
import { ModelError } from '../errors.js';

const id = z.strictObject({ name: z.string().min(1), version: z.number().int().nonnegative() });

const pointerSchema = z.strictObject({
  ...id.shape,
  /** What was current before, oldest first. */
  history: z.array(id),
});

/** Which version is used by default, and which ones were before it. */
export type CurrentPointer = z.infer<typeof pointerSchema>;

/** Steps back that are remembered. */
const REMEMBERED = 20;

/** @returns undefined when nothing was ever chosen. @throws ModelError when the file is not one of ours. */
export async function readPointer(home: string): Promise<CurrentPointer | undefined> {
  const file = path.join(home, 'current');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') {
      throw new ModelError(
        `${home}: a file is in the way of this folder; set RXDEPTH_HOME to a folder, or to where one can be made.`,
        { file: home, cause },
      );
    }
    throw new ModelError(`${file} cannot be read: ${(cause as Error).message}`, { file, cause });
  }
  try {
    return pointerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ModelError(
      `${file} is damaged: expected \`{ "name", "version", "history" }\`; choose a version with ` +
        '`rxdepth model use NAME/N`, or delete the file to go back to the shipped model.',
      { file, cause },
    );
  }
}

/** Replaces the pointer to the current version of a home at one moment. Only the latest of its history are kept. */
export async function writePointer(home: string, pointer: CurrentPointer): Promise<void> {
  const history = pointer.history.slice(-REMEMBERED);
  await replaceFile(path.join(home, 'current'), `${JSON.stringify({ ...pointer, history }, null, 2)}\n`);
}
