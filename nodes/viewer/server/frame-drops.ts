import { perceptionStatusCodec } from '../../../msgs/perception-status.js';

interface Counts {
  readonly frames_in: number;
  readonly frames_dropped: number;
}

/** A node that drops more than this share of its frames does not keep up. */
const MANY = 0.05;
/** Of fewer frames, a share says nothing. */
const LEAST_FRAMES = 20;
/** So long after the last such sign, milliseconds: else viewers would take their part back every other second. */
const HOLDS_MS = 10_000;

/**
 * Whether a node drops frames, as its status says. Then it has no time to spare for viewers, whatever is short on its machine
 * (cores, a container's quota, one busy thread). A node that keeps up can do both, however busy the machine is.
 */
export class FrameDrops {
  readonly #now: () => number;
  #counts: Counts | undefined;
  #manyMs = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get many(): boolean {
    return this.#now() - this.#manyMs < HOLDS_MS;
  }

  /** @param cdr a status of the node; what is none is left out */
  heard(cdr: Uint8Array): void {
    let counts: Counts;
    try {
      counts = perceptionStatusCodec.decode(cdr);
    } catch {
      return;
    }
    const last = this.#counts;
    // Smaller counts are those of another run, from its beginning on.
    const before = last && counts.frames_in < last.frames_in ? { frames_in: 0, frames_dropped: 0 } : last;
    const frames = counts.frames_in - (before?.frames_in ?? 0);
    if (before !== undefined && frames < LEAST_FRAMES) return;
    this.#counts = counts;
    if (before === undefined) return;
    if (counts.frames_dropped - before.frames_dropped > MANY * frames) this.#manyMs = this.#now();
  }
}
