import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import type { MessageCodec } from '../../../msgs/message-codec.js';
import { nsToStamp } from '../../../msgs/stamp.js';

export interface MemoryTopic {
  readonly topic: string;
  readonly type: string;
  readonly cdr: readonly { readonly stampNs: bigint; readonly bytes: Uint8Array }[];
}

/** A topic of encoded messages; `make` gets the header. */
export function memoryTopic<T>(
  topic: string,
  codec: MessageCodec<T>,
  stamps: readonly number[],
  frame_id: string,
  make: (header: { stamp: { sec: number; nanosec: number }; frame_id: string }, index: number) => T,
): MemoryTopic {
  const cdr = stamps.map((stamp, index) => ({
    stampNs: BigInt(stamp),
    bytes: codec.encode(make({ stamp: nsToStamp(BigInt(stamp)), frame_id }, index)),
  }));
  return { topic, type: codec.type, cdr };
}

/** A bag in memory, for tests of what reads bags. */
export function memoryBag(path: string, topics: readonly MemoryTopic[]): BagReader {
  return {
    path,
    topics: topics.map(({ topic, type }) => ({ topic, type, serialization: 'cdr' })),
    problems: [],
    async *messages(options = {}) {
      const all = topics
        .filter(({ topic }) => options.topics?.includes(topic) ?? true)
        .flatMap(({ topic, type, cdr }) => cdr.map(({ stampNs, bytes }) => ({ topic, type, stampNs, bytes })))
        .sort((a, b) => Number(a.stampNs - b.stampNs));
      for (const { topic, type, stampNs, bytes } of all) {
        yield { topic, type, logTimeNs: stampNs, publishTimeNs: stampNs, cdr: bytes };
      }
    },
    async close() {},
  };
}
