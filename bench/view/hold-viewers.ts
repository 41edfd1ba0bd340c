import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../vision/median.js';
import type { NodeCounts } from './node-counts.js';
import type { NodeProcess } from './node-process.js';

/** The node during one minute with all viewers: medians of its samples. */
export interface HeldMinute {
  readonly minute: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly buffersMiB: number;
  /** That waits for viewers. */
  readonly waitingMiB: number;
  readonly depths: number;
  readonly dropped: number;
}

const SAMPLE_S = 5;
const MINUTE_S = 60;
const MIB = 2 ** 20;

/** @param tell what every minute gave, as it passes */
export async function holdViewers(
  node: NodeProcess,
  minutes: number,
  tell: (minute: HeldMinute) => void,
): Promise<HeldMinute[]> {
  const held: HeldMinute[] = [];
  let before = await node.counts();
  for (let minute = 1; minute <= minutes; minute++) {
    const samples: NodeCounts[] = [];
    for (let second = 0; second < MINUTE_S; second += SAMPLE_S) {
      await sleep(SAMPLE_S * 1000);
      samples.push(await node.counts());
    }
    const last = samples.at(-1) ?? before;
    const middle = (of: (sample: typeof last) => number) => median(samples.map(of)) / MIB;
    const one = {
      minute,
      rssMiB: middle(({ rssBytes }) => rssBytes),
      heapMiB: middle(({ heapBytes }) => heapBytes),
      buffersMiB: middle(({ buffersBytes }) => buffersBytes),
      waitingMiB: middle(({ heldBytes }) => heldBytes),
      depths: last.depths - before.depths,
      dropped: last.dropped - before.dropped,
    };
    before = last;
    held.push(one);
    tell(one);
  }
  return held;
}
