import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { MessageError } from '../../errors.js';
import type { BagMessage, BagReader, BagTopic, MessagesOptions } from '../bag-reader.js';
import type { ProblemLog } from '../problem-log.js';
import { ReadBudget, type ReadLimits } from '../read-budget.js';
import { inflateFile } from './inflate-file.js';

/**
 * A bag file compressed as a whole, decompressed into a temporary file. That is deleted as soon as it is open (its
 * space is freed with `close`), so that nothing stays behind however the process ends.
 */
export class InflatedBag implements BagReader {
  readonly path: string;
  readonly #bag: BagReader;

  private constructor(path: string, bag: BagReader) {
    this.path = path;
    this.#bag = bag;
  }

  /** `openInflated` opens the temporary file. Needs its size in free space under the temporary folder (`TMPDIR`). */
  static async open(
    path: string,
    log: ProblemLog,
    limits: ReadLimits,
    openInflated: (path: string, log: ProblemLog, limits: ReadLimits) => Promise<BagReader>,
  ): Promise<InflatedBag> {
    const folder = await mkdtemp(join(tmpdir(), 'rxdepth-bag-'));
    const inflated = join(folder, basename(path).replace(/\.zstd$/, ''));
    try {
      const damage = await inflateFile(path, inflated, ReadBudget.ofPacked((await stat(path)).size, limits));
      if (damage !== undefined) {
        log.add({ file: path, what: `zstd: ${damage}`, lost: 'what follows in the file' });
      }
      if ((await stat(inflated)).size === 0) {
        throw new MessageError(`\`${path}\` does not decompress: ${damage ?? 'it holds nothing'}`, {
          file: path,
        });
      }
      return new InflatedBag(path, await openInflated(inflated, log.forCopyOf(path), limits));
    } catch (cause) {
      const { message } = cause as Error;
      if (cause instanceof MessageError)
        throw new MessageError(message.replaceAll(inflated, path), { cause });
      throw new MessageError(`cannot decompress \`${path}\` into \`${folder}\` (TMPDIR): ${message}`, {
        cause,
      });
    } finally {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
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
  }
}
