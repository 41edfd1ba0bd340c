import { compareCounts } from './announced-counts.js';
import type { BagMessage, BagReader, BagTopic, MessagesOptions } from './bag-reader.js';
import type { ProblemLog } from './problem-log.js';

/** A bag of which `metadata.yaml` announces how many messages each topic has: what is read is compared with that. */
export class AnnouncedBag implements BagReader {
  readonly #bag: BagReader;
  readonly #log: ProblemLog;
  readonly #announced: ReadonlyMap<string, number>;

  /** `announced` by topic. */
  constructor(bag: BagReader, log: ProblemLog, announced: ReadonlyMap<string, number>) {
    this.#bag = bag;
    this.#log = log;
    this.#announced = announced;
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

  async *messages(options: MessagesOptions = {}): AsyncGenerator<BagMessage> {
    const read = new Map<string, number>();
    for await (const message of this.#bag.messages(options)) {
      read.set(message.topic, (read.get(message.topic) ?? 0) + 1);
      yield message;
    }
    if (options.signal?.aborted) return;
    const { topics } = options;
    const wanted = [...this.#announced].filter(([topic]) => topics === undefined || topics.includes(topic));
    const source = 'the counts of `metadata.yaml`';
    compareCounts(new Map(wanted), read, { file: this.path, source, log: this.#log });
  }

  async close(): Promise<void> {
    await this.#bag.close();
  }
}
