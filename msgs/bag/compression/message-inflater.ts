import type { BagMessage, BagReader, BagTopic, MessagesOptions } from '../bag-reader.js';
import type { ProblemLog } from '../problem-log.js';
import { loadZstd, type Zstd } from './zstd.js';
import { zstdContentSize } from './zstd-frame.js';

const MAX_MESSAGE_BYTES = 1 << 30;

/** A bag recorded with `--compression-mode message`: every message is a zstd frame of its own. */
export class MessageInflater implements BagReader {
  readonly #bag: BagReader;
  readonly #log: ProblemLog;
  readonly #zstd: Zstd;

  private constructor(bag: BagReader, log: ProblemLog, zstd: Zstd) {
    this.#bag = bag;
    this.#log = log;
    this.#zstd = zstd;
  }

  static async create(bag: BagReader, log: ProblemLog): Promise<MessageInflater> {
    return new MessageInflater(bag, log, await loadZstd());
  }

  get path(): string {
    return this.#bag.path;
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
    return this.#log.problems;
  }

  async *messages(options?: MessagesOptions): AsyncGenerator<BagMessage> {
    for await (const message of this.#bag.messages(options)) {
      const cdr = this.#inflate(message);
      if (cdr !== undefined) yield { ...message, cdr };
    }
  }

  async close(): Promise<void> {
    await this.#bag.close();
  }

  #inflate({ cdr, topic, logTimeNs }: BagMessage): Uint8Array | undefined {
    try {
      const size = zstdContentSize(cdr);
      if (size === undefined || size > MAX_MESSAGE_BYTES)
        throw new RangeError('no zstd frame with a sensible size');
      return this.#zstd.decompress(cdr, size);
    } catch (error) {
      this.#log.add({
        file: this.path,
        what: `the message of \`${topic}\` at ${logTimeNs} ns does not decompress (${(error as Error).message})`,
        lost: '1 message',
      });
      return undefined;
    }
  }
}
