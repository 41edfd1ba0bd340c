import type { BagMessage, BagReader, BagTopic, MessagesOptions } from './bag-reader.js';
import type { ProblemLog } from './problem-log.js';

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
    this.topics = mergeTopics(parts.flatMap((part) => part.topics));
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
    let open: { messages: AsyncIterator<BagMessage>; head: BagMessage }[] = [];
    let nextPart = 0;
    try {
      for (;;) {
        let first = earliest(open);
        for (let part = this.#parts[nextPart]; part !== undefined; part = this.#parts[++nextPart]) {
          if (first !== undefined && (part.startNs ?? 0n) > first.head.logTimeNs) break;
          const messages = part.messages(options)[Symbol.asyncIterator]();
          const { done, value: head } = await messages.next();
          if (!done) open.push({ messages, head });
          first = earliest(open);
        }
        if (first === undefined) return;
        yield first.head;
        if (options.signal?.aborted) return;
        const { done, value } = await first.messages.next();
        if (done) open = open.filter((entry) => entry !== first);
        else first.head = value;
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

function earliest<T extends { head: BagMessage }>(open: readonly T[]): T | undefined {
  let first: T | undefined;
  for (const entry of open) {
    if (first === undefined || entry.head.logTimeNs < first.head.logTimeNs) first = entry;
  }
  return first;
}

/** One entry a topic, counts added up. */
export function mergeTopics(topics: readonly BagTopic[]): BagTopic[] {
  const merged = new Map<string, BagTopic>();
  for (const topic of topics) {
    const before = merged.get(topic.topic);
    if (before === undefined) {
      merged.set(topic.topic, topic);
      continue;
    }
    const { messageCount: _, ...rest } = { ...topic, ...before };
    const isCounted = before.messageCount !== undefined && topic.messageCount !== undefined;
    merged.set(topic.topic, {
      ...rest,
      ...(isCounted ? { messageCount: (before.messageCount ?? 0) + (topic.messageCount ?? 0) } : {}),
    });
  }
  return [...merged.values()];
}
