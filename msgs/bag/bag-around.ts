import type { BagMessage, BagProblem, BagReader, BagTopic, MessagesOptions } from './bag-reader.js';
import type { ProblemLog } from './problem-log.js';

/** A bag that looks at, or changes, the messages of another one and says all else as that does. */
export abstract class BagAround implements BagReader {
  protected readonly bag: BagReader;
  /** Problems of both bags. */
  protected readonly log: ProblemLog;

  protected constructor(bag: BagReader, log: ProblemLog) {
    this.bag = bag;
    this.log = log;
  }

  abstract messages(options?: MessagesOptions): AsyncGenerator<BagMessage>;

  get path(): string {
    return this.bag.path;
  }
  get topics(): readonly BagTopic[] {
    return this.bag.topics;
  }
  get startNs(): bigint | undefined {
    return this.bag.startNs;
  }
  get endNs(): bigint | undefined {
    return this.bag.endNs;
  }
  get messageCount(): number | undefined {
    return this.bag.messageCount;
  }
  get problems(): readonly BagProblem[] {
    return this.log.problems;
  }

  async close(): Promise<void> {
    await this.bag.close();
  }
}
