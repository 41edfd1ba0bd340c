import { openBag } from '../../msgs/bag/open-bag.js';

/** Messages of each frame by topic: CDR bytes. */
export type StampedFrames = ReadonlyMap<bigint, Readonly<Record<string, Uint8Array>>>;

/** The messages of some topics of a short bag, by the time of their frames. */
export async function stampedFrames(bag: string, topics: readonly string[]): Promise<StampedFrames> {
  const frames = new Map<bigint, Record<string, Uint8Array>>();
  const reader = await openBag(bag);
  try {
    for await (const { topic, logTimeNs, cdr } of reader.messages({ topics })) {
      const frame = frames.get(logTimeNs) ?? {};
      frame[topic] = cdr.slice();
      frames.set(logTimeNs, frame);
    }
  } finally {
    await reader.close();
  }
  return frames;
}
