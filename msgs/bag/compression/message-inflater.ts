import { BagAround } from '../bag-around.js';
import type { BagMessage, BagReader, BagTopic, MessagesOptions } from '../bag-reader.js';
import { counted } from '../counted.js';
import type { ProblemLog } from '../problem-log.js';
import { ReadBudget, readLimits } from '../read-budget.js';
import { shown } from '../shown.js';
import { loadZstd, type Zstd } from './zstd.js';
import { isZstdFrame, zstdContentSize, zstdLargestContent } from './zstd-frame.js';

/** The largest message that is unpacked. */
const MAX_MESSAGE_BYTES = 512 << 20;

/** How much of the messages of a bag the metadata declares to be compressed. */
export interface MessageCompression {
  /** Whether `metadata.yaml` says that every message is a zstd frame; undefined if there is none. */
  readonly isDeclared: boolean | undefined;
  /** Bytes of all files of the bag. */
  readonly storedBytes: number;
}

/**
 * A bag whose messages may be zstd frames of their own, as `--compression-mode message` makes them. That is seen from
 * the messages themselves: `metadata.yaml`, which says so, may be missing.
 */
export class MessageInflater extends BagAround {
  readonly #zstd: Zstd;
  readonly #compression: MessageCompression;

  private constructor(bag: BagReader, log: ProblemLog, zstd: Zstd, compression: MessageCompression) {
    super(bag, log);
    this.#zstd = zstd;
    this.#compression = compression;
  }

  static async create(
    bag: BagReader,
    log: ProblemLog,
    compression: MessageCompression,
  ): Promise<MessageInflater> {
    return new MessageInflater(bag, log, await loadZstd(), compression);
  }

  async *messages(options?: MessagesOptions): AsyncGenerator<BagMessage> {
    const { isDeclared, storedBytes } = this.#compression;
    const packable = new Set(this.topics.filter(isPackable).map(({ topic }) => topic));
    const budget = ReadBudget.ofPacked(storedBytes, readLimits());
    const beyondBudget = new Map<string, number>();
    for await (const message of this.bag.messages(options)) {
      const isFrame = isZstdFrame(message.cdr) && packable.has(message.topic);
      if (!isFrame && isDeclared !== true) {
        yield message;
        continue;
      }
      if (isDeclared === false) this.#reportUndeclared();
      const cdr = this.#inflate(message, budget);
      if (cdr === 'beyond budget')
        beyondBudget.set(message.topic, (beyondBudget.get(message.topic) ?? 0) + 1);
      else if (cdr !== undefined) yield { ...message, cdr };
    }
    for (const [topic, count] of beyondBudget) {
      this.log.add({
        file: this.path,
        what: `messages of ${shown(topic)} unpack to more than the budget of the bag`,
        lost: counted(count, 'message'),
      });
    }
  }

  #reportUndeclared(): void {
    this.log.add({
      file: this.path,
      what: 'messages are compressed one by one, which `metadata.yaml` does not say',
      lost: 'nothing; they are decompressed',
    });
  }

  #inflate(
    { cdr, topic, logTimeNs }: BagMessage,
    budget: ReadBudget,
  ): Uint8Array | 'beyond budget' | undefined {
    try {
      const size = zstdContentSize(cdr);
      if (size === undefined || size > Math.min(MAX_MESSAGE_BYTES, zstdLargestContent(cdr)))
        throw new RangeError('no zstd frame with a sensible size');
      return budget.spend(size) ? this.#zstd.decompress(cdr, size) : 'beyond budget';
    } catch (error) {
      this.log.add({
        file: this.path,
        what: `the message of ${shown(topic)} at ${logTimeNs} ns does not decompress (${(error as Error).message})`,
        lost: '1 message',
      });
      return undefined;
    }
  }
}

/** Whether a zstd frame can be no message of the topic: it is none in CDR. */
function isPackable({ serialization }: BagTopic): boolean {
  return serialization === 'cdr' || serialization === '';
}
