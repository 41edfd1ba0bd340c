import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Decompress } from 'fzstd';
import { MessageError } from '../errors.js';
import type { BagMessage, BagReader, BagTopic, MessagesOptions } from './bag-reader.js';
import type { ProblemLog } from './problem-log.js';

/** A bag file compressed as a whole: decompressed into a temporary file, which `close` removes. */
export class InflatedBag implements BagReader {
  readonly path: string;
  readonly #bag: BagReader;
  readonly #folder: string;

  private constructor(path: string, bag: BagReader, folder: string) {
    this.path = path;
    this.#bag = bag;
    this.#folder = folder;
  }

  /** `openInflated` opens the temporary file. Needs its size in free space under the temporary folder (`TMPDIR`). */
  static async open(
    path: string,
    log: ProblemLog,
    openInflated: (path: string, log: ProblemLog) => Promise<BagReader>,
  ): Promise<InflatedBag> {
    const folder = await mkdtemp(join(tmpdir(), 'rxdepth-bag-'));
    const removeAtExit = () => void rm(folder, { recursive: true, force: true });
    try {
      const inflated = join(folder, basename(path).replace(/\.zstd$/, ''));
      const damage = await inflateFile(path, inflated);
      if (damage !== undefined) {
        log.add({ file: path, what: `zstd: ${damage}`, lost: 'what follows in the file' });
      }
      return new InflatedBag(path, await openInflated(inflated, log), folder);
    } catch (error) {
      removeAtExit();
      if (error instanceof MessageError) throw error;
      throw new MessageError(
        `cannot decompress \`${path}\` into \`${folder}\`: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    }
  }

  get topics(): readonly BagTopic[] {
    return this.#bag.topics;
  }
  get startNs(): bigint | undefined {
    return this.#bag.startNs;
  }
  get endNs(): bigint | undefined {
    return this.#bag.endNs;
  }
  get messageCount(): number | undefined {
    return this.#bag.messageCount;
  }
  get problems() {
    return this.#bag.problems;
  }

  messages(options?: MessagesOptions): AsyncIterable<BagMessage> {
    return this.#bag.messages(options);
  }

  async close(): Promise<void> {
    await this.#bag.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Streams `from` through zstd into `to`; returns what is wrong with `from`, with all before it written. */
async function inflateFile(from: string, to: string): Promise<string | undefined> {
  const output = createWriteStream(to);
  const written = finished(output);
  written.catch(() => undefined);
  const zstd = new Decompress((bytes) => output.write(bytes));
  let damage: string | undefined;
  for await (const piece of createReadStream(from, { highWaterMark: 256 << 10 })) {
    try {
      zstd.push(new Uint8Array(piece as Buffer), false);
    } catch (error) {
      damage = (error as Error).message;
      break;
    }
    if (output.errored) break;
    if (output.writableNeedDrain) await Promise.race([once(output, 'drain'), written]);
  }
  if (damage === undefined && !output.errored) {
    try {
      zstd.push(new Uint8Array(0), true);
    } catch (error) {
      damage = (error as Error).message;
    }
  }
  output.end();
  await written;
  return damage;
}
