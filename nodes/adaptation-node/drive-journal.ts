import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../models/durable-files.js';
import { makeFolder } from '../../msgs/files/make-folder.js';

const entrySchema = z.strictObject({
  /** Size of the recording when it was taken: one that grew since is another drive. */
  bytes: z.number().int().nonnegative(),
  /** Runs that were begun. */
  attempts: z.number().int().nonnegative(),
  /** How the last run ended, `ADAPTATION_STATE`; absent while it runs, or when it was killed. */
  state: z.number().int().optional(),
  message: z.string(),
});

const journalSchema = z.strictObject({
  drives: z.record(z.string(), entrySchema),
  /** Process of the run that is going on. */
  running: z
    .strictObject({
      ...{ pid: z.number().int(), host: z.string(), boot: z.string(), started: z.string() },
      namespace: z.string().optional(),
    })
    .optional(),
});

export type DriveEntry = z.infer<typeof entrySchema>;
export type Journal = z.infer<typeof journalSchema>;

/** Drives that are remembered. */
const REMEMBERED = 1000;

/** Which drives were adapted to, in a file that survives a kill at any moment: the old content is there, or the new one. */
export class DriveJournal {
  readonly #file: string;

  /** @param home folder of the file */
  constructor(home: string) {
    this.#file = path.join(home, '.drives.json');
  }

  /** Nothing is known where the file is not there, or is not one of ours. */
  async read(): Promise<Journal> {
    try {
      return journalSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
    } catch {
      return { drives: {} };
    }
  }

  async write(journal: Journal): Promise<void> {
    await makeFolder(path.dirname(this.#file));
    const drives = Object.fromEntries(Object.entries(journal.drives).slice(-REMEMBERED));
    await replaceFile(this.#file, `${JSON.stringify({ ...journal, drives }, undefined, 2)}\n`);
  }
}
