import type { BagMessage, BagReader, BagTopic, MessagesOptions } from './bag-reader.js';
import { mergeTopics } from './merge-topics.js';
import { MessageHeap } from './message-heap.js';
import type { ProblemLog } from './problem-log.js';

interface OpenPart {
  readonly messages: AsyncIterator<BagMessage>;
  readonly rank: number;
  head: BagMessage;
  timeNs: bigint;
}

/** Several files read as one bag, merged in log time order; a file is started when its first message is due. */
export class SplitBag implements BagReader {
  readonly path: string;
  readonly topics: readonly BagTopic[];
  readonly startNs?: bigint;
  readonly endNs?: bigint;
  readonly messageCount?: number;
  readonly #parts: readonly BagReader[];
  readonly #log: ProblemLog;

  /** All parts report into `log`. */
  constructor(path: string, parts: readonly BagReader[], log: ProblemLog) {
    this.path = path;
    this.#parts = [...parts].sort(byStart);
    this.#log = log;
    this.topics = mergeTopics(
      parts.flatMap((part) => part.topics),
      path,
      log,
    );
    for (const { startNs, endNs } of parts) {
      if (startNs !== undefined && (this.startNs === undefined || startNs < this.startNs))
        this.startNs = startNs;
      if (endNs !== undefined && (this.endNs === undefined || endNs > this.endNs)) this.endNs = endNs;
    }
    if (parts.every(({ messageCount }) => messageCount !== undefined)) {
      this.messageCount = parts.reduce((sum, { messageCount }) => sum + (messageCount ?? 0), 0);
    }
  }

  get problems() {
    return this.#log.problems;
  }

  async *messages(options: MessagesOptions = {}): AsyncGenerator<BagMessage> {
    const open = new MessageHeap<OpenPart>();
    let nextPart = 0;
    try {
      for (;;) {
        for (let part = this.#parts[nextPart]; part !== undefined; part = this.#parts[nextPart]) {
          if (open.first !== undefined && (part.startNs ?? 0n) > open.first.timeNs) break;
          const messages = part.messages(options)[Symbol.asyncIterator]();
          const { done, value: head } = await messages.next();
          if (!done) open.push({ messages, head, timeNs: head.logTimeNs, rank: nextPart });
          nextPart += 1;
        }
        const { first } = open;
        if (first === undefined) return;
        yield first.head;
        if (options.signal?.aborted) return;
        const { done, value } = await first.messages.next();
        if (done) open.removeFirst();
        else {
          first.head = value;
          first.timeNs = value.logTimeNs;
          open.firstChanged();
        }
      }
    } finally {
      for (const { messages } of open) await messages.return?.();
    }
  }

  async close(): Promise<void> {
    for (const part of this.#parts) await part.close();
  }
}

function byStart(a: BagReader, b: BagReader): number {
  const aStart = a.startNs ?? 0n;
  const bStart = b.startNs ?? 0n;
  return aStart < bStart ? -1 : aStart > bStart ? 1 : 0;
}
