import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile, truncate } from 'node:fs/promises';
import { z } from 'zod';
import { NodeError } from '../errors.js';

const ENTRY = z.strictObject({
  /** ISO 8601. */
  time: z.string(),
  event: z.enum(['start', 'done', 'failed']),
  job: z.string(),
  bag: z.string(),
  attempt: z.number().int().positive(),
  seconds: z.number().nonnegative().optional(),
  message: z.string().optional(),
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

  async append(entry: Omit<LedgerEntry, 'time'>): Promise<void> {
    const whole = { time: new Date().toISOString(), ...entry };
    await this.#handle.appendFile(`${JSON.stringify(whole)}\n`);
    await this.#handle.sync();
    this.#last.set(entry.job, whole);
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
