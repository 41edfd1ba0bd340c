import { compareCounts } from './announced-counts.js';
import { BagAround } from './bag-around.js';
import type { BagMessage, BagReader, MessagesOptions } from './bag-reader.js';
import type { ProblemLog } from './problem-log.js';

/** A bag of which `metadata.yaml` announces how many messages each topic has: what is read is compared with that. */
export class AnnouncedBag extends BagAround {
  readonly #announced: ReadonlyMap<string, number>;

  /** `announced` by topic. */
  constructor(bag: BagReader, log: ProblemLog, announced: ReadonlyMap<string, number>) {
    super(bag, log);
    this.#announced = announced;
  }

  async *messages(options: MessagesOptions = {}): AsyncGenerator<BagMessage> {
    const read = new Map<string, number>();
    for await (const message of this.bag.messages(options)) {
      read.set(message.topic, (read.get(message.topic) ?? 0) + 1);
      yield message;
    }
    if (options.signal?.aborted || options.fromNs !== undefined) return;
    const { topics } = options;
    const wanted = [...this.#announced].filter(([topic]) => topics === undefined || topics.includes(topic));
    const source = 'the counts of `metadata.yaml`';
    compareCounts(new Map(wanted), read, { file: this.path, source, log: this.log });
  }
}
