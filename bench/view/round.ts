import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeProcess } from './node-process.js';

/** What a node did in some seconds. */
export interface Round {
  readonly depths: number;
  readonly seconds: number;
  readonly cpuMs: number;
  readonly dropped: number;
  /** Processor time of this process, where plain viewers run. */
  readonly ownCpuMs: number;
  /** Date.now() at which each depth image was published, by its log time; of a recording played over and over, the latest. */
  readonly published: ReadonlyMap<string, number>;
}

export async function measureRound(node: NodeProcess, seconds: number): Promise<Round> {
  const before = await node.counts();
  const own = process.cpuUsage();
  await sleep(seconds * 1000);
  const after = await node.counts();
  const { user, system } = process.cpuUsage(own);
  return {
    depths: after.depths - before.depths,
    seconds: (after.wallMs - before.wallMs) / 1000,
    cpuMs: after.cpuMs - before.cpuMs,
    dropped: after.dropped - before.dropped,
    ownCpuMs: (user + system) / 1000,
    published: new Map(after.published),
  };
}

export interface RoundFigures {
  readonly rateHz: number;
  /** Processor time of the node for each depth image. */
  readonly cpuMs: number;
  readonly droppedShare: number;
}

export function figuresOf({ depths, seconds, cpuMs, dropped }: Round): RoundFigures {
  return {
    rateHz: depths / seconds,
    cpuMs: cpuMs / depths,
    droppedShare: dropped / Math.max(1, depths + dropped),
  };
}
