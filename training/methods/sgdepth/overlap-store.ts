import { isStatic, type MaskSchedule, overlapThreshold, unmaskedFraction } from './mask-schedule.js';

/** What a store holds, for a checkpoint. */
export interface SavedOverlaps {
  /** Lambda by triplet; NaN = not seen yet. */
  readonly overlaps: readonly number[];
  /** theta_Lambda of the epoch under way. */
  readonly threshold: number;
  readonly epoch: number;
}

/**
 * Lambda of every training image as it was last seen, and the threshold that follows from the last epoch's values.
 * Source: SGDepth, section 3.3, "Learning from Non-Moving DC Objects".
 */
export class OverlapStore {
  readonly #schedule: MaskSchedule;
  readonly #overlaps: Float64Array;
  #threshold = Number.POSITIVE_INFINITY;
  #epoch = -1;

  constructor(count: number, schedule: MaskSchedule, saved?: SavedOverlaps) {
    this.#schedule = schedule;
    this.#overlaps = new Float64Array(count).fill(Number.NaN);
    if (saved === undefined) return;
    this.#overlaps.set(saved.overlaps.slice(0, count));
    this.#threshold = saved.threshold;
    this.#epoch = saved.epoch;
  }

  /** theta_Lambda in this epoch. */
  get threshold(): number {
    return this.#threshold;
  }

  /** Fixes the threshold when an epoch begins, by what its predecessor left; nothing within an epoch. */
  enterEpoch(epoch: number): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    const seen = [...this.#overlaps].filter((overlap) => !Number.isNaN(overlap));
    this.#threshold = overlapThreshold(seen, unmaskedFraction(epoch, this.#schedule));
  }

  /** Whether an image is trained without mask: asked before its new Lambda is known. */
  isStatic(image: number): boolean {
    const overlap = this.#overlaps[image] ?? Number.NaN;
    return isStatic(Number.isNaN(overlap) ? undefined : overlap, this.#threshold);
  }

  /** Stores Lambda of an image; what is no number between 0 and 1 (a step that failed) is left out. */
  set(image: number, overlap: number): void {
    if (overlap >= 0 && overlap <= 1) this.#overlaps[image] = overlap;
  }

  save(): SavedOverlaps {
    return { overlaps: [...this.#overlaps], threshold: this.#threshold, epoch: this.#epoch };
  }
}
