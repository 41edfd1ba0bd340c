import { perceptionStatusCodec } from '../perception-status.js';
import type { BagReader } from './bag-reader.js';

/** Whether a bag holds what rxdepth writes, be it of `rxdepth replay` or of a recorded node: its status is always among it. */
export function isOutputBag({ topics }: Pick<BagReader, 'topics'>): boolean {
  return topics.some(({ type, messageCount }) => type === perceptionStatusCodec.type && messageCount !== 0);
}
