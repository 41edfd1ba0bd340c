import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile, truncate } from 'node:fs/promises';
import { z } from 'zod';
import { NodeError } from '../errors.js';
import { TASK_NAMES } from './fleet-job.js';

const ENTRY = z.strictObject({
  /** ISO 8601. */
  time: z.string(),
  /** `damaged`: done, but something of the bag is missing in the output. */
  event: z.enum(['start', 'done', 'damaged', 'failed']),
  job: z.string(),
  /** Absent in ledgers of versions that only replayed. */
  task: z.enum(TASK_NAMES).optional(),
  bag: z.string(),
  attempt: z.number().int().positive(),
  seconds: z.number().nonnegative().optional(),
  message: z.string().optional(),
  /** What is missing because of damage, one sentence each. */
  missing: z.array(z.string()).optional(),
  /** Host and process that did it, where that was another one. */
  worker: z.string().optional(),
});
export type LedgerEntry = z.infer<typeof ENTRY>;

/**
 * What happened to every job, one JSON object a line, in the order in which it happened. A line is on the disk before
 * `append` returns. One process at a time may have it open.
 */
export class Ledger {
  readonly #handle: FileHandle;
  readonly #last = new Map<string, LedgerEntry>();

  private constructor(handle: FileHandle, entries: readonly LedgerEntry[]) {
    this.#handle = handle;
    for (const entry of entries) this.#last.set(entry.job, entry);
  }

  /**
   * Opens or begins a ledger. Half a line at the end, of a process that was killed while it wrote, is dropped.
   * @throws NodeError naming the file and the line that is no entry.
   */
  static async open(file: string): Promise<Ledger> {
    const entries = existsSync(file) ? await readEntries(file) : [];
    return new Ledger(await open(file, 'a'), entries);
  }

  /** The last entry of a job; undefined when it never began. */
  last(job: string): LedgerEntry | undefined {
    return this.#last.get(job);
  }

  /** Whether the ledger says that a job has its output. */
  isFinished(job: string): boolean {
    const event = this.#last.get(job)?.event;
    return event === 'done' || event === 'damaged';
  }

  /** Several lines reach the disk together. */
  async append(...entries: readonly Omit<LedgerEntry, 'time'>[]): Promise<void> {
    const time = new Date().toISOString();
    const whole = entries.map((entry) => ({ time, ...entry }));
    await this.#handle.appendFile(whole.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    await this.#handle.sync();
    for (const entry of whole) this.#last.set(entry.job, entry);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function readEntries(file: string): Promise<LedgerEntry[]> {
  const text = await readFile(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) await truncate(file, Buffer.byteLength(whole));
  return whole
    .split('\n')
    .slice(0, -1)
    .map((line, i) => {
      const entry = ENTRY.safeParse(parsed(line));
      if (entry.success) return entry.data;
      throw new NodeError(
        `${file}, line ${i + 1}: expected an entry of a fleet's ledger; mend or remove the line`,
      );
    });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
