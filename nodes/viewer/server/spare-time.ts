import { cpus } from 'node:os';
import { perceptionStatusCodec } from '../../../msgs/perception-status.js';

/** Processor time of all cores since the machine started, in any unit. */
export interface CoreTimes {
  /** Free for the asking: idle, or spent on work that gives way to all other. */
  readonly spare: number;
  readonly total: number;
}

export interface SpareTimeOptions {
  readonly times?: () => CoreTimes;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Shares of the cores' time: below the first it is scarce, above the second it is not any more. */
const SCARCE_BELOW = 0.1;
const ENOUGH_ABOVE = 0.25;
/** Shorter spans say nothing, longer ones nothing of this moment; milliseconds. */
const LEAST_SPAN_MS = 500;
const MOST_SPAN_MS = 3000;
/** A node that drops more than this share of its frames does not keep up. */
const MOST_DROPPED = 0.05;
/** So long after the last such sign, milliseconds: else viewers would take their part back every other second. */
const DROPS_COUNT_MS = 10_000;

interface Counts {
  readonly frames_in: number;
  readonly frames_dropped: number;
}

/**
 * Whether the node has processor time to spare for viewers. It has none where the cores are busy, or where the node says that it
 * drops frames, which also tells of limits that no count of cores shows: quotas of a container, a busy thread.
 */
export class SpareTime {
  readonly #times: () => CoreTimes;
  readonly #now: () => number;
  #seen: CoreTimes;
  #seenMs: number;
  #busy = false;
  #counts: Counts | undefined;
  #droppedMs = Number.NEGATIVE_INFINITY;

  constructor({ times = coreTimes, now = () => performance.now() }: SpareTimeOptions = {}) {
    this.#times = times;
    this.#now = now;
    this.#seen = times();
    this.#seenMs = now();
  }

  get scarce(): boolean {
    this.#look();
    return this.#busy || this.#now() - this.#droppedMs < DROPS_COUNT_MS;
  }

  /** @param cdr a status of the node; what is none is left out */
  heard(cdr: Uint8Array): void {
    const before = this.#counts;
    try {
      this.#counts = perceptionStatusCodec.decode(cdr);
    } catch {
      return;
    }
    const { frames_in, frames_dropped } = this.#counts;
    // Smaller counts are those of another run.
    if (before === undefined || frames_in < before.frames_in) return;
    const dropped = frames_dropped - before.frames_dropped;
    if (dropped > MOST_DROPPED * (frames_in - before.frames_in)) this.#droppedMs = this.#now();
  }

  #look(): void {
    const spanMs = this.#now() - this.#seenMs;
    if (spanMs < LEAST_SPAN_MS) return;
    const [before, after] = [this.#seen, this.#times()];
    this.#seen = after;
    this.#seenMs += spanMs;
    const total = after.total - before.total;
    if (spanMs > MOST_SPAN_MS || total <= 0) this.#busy = false;
    else this.#busy = (after.spare - before.spare) / total < (this.#busy ? ENOUGH_ABOVE : SCARCE_BELOW);
  }
}

function coreTimes(): CoreTimes {
  let [spare, total] = [0, 0];
  for (const { times } of cpus()) {
    spare += times.idle + times.nice;
    total += times.idle + times.nice + times.user + times.sys + times.irq;
  }
  return { spare, total };
}
