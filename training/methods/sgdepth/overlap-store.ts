import type { Tensors } from '../../optimizers/tensors.js';
import { isStatic, type MaskSchedule, overlapThreshold, unmaskedFraction } from './mask-schedule.js';

/**
 * Lambda of every training image as it was last seen, and the threshold that follows from the last epoch's values.
 * Source: SGDepth, section 3.3, "Learning from Non-Moving DC Objects".
 */
export class OverlapStore {
  readonly #schedule: MaskSchedule;
  readonly #overlaps: Float32Array;
  #threshold = Number.POSITIVE_INFINITY;
  #epoch = -1;

  constructor(count: number, schedule: MaskSchedule) {
    this.#schedule = schedule;
    this.#overlaps = new Float32Array(count).fill(Number.NaN);
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

  /** `overlaps` by image, NaN = not seen yet; `threshold` and `epoch` of what is under way. */
  save(): Tensors {
    return {
      overlaps: this.#overlaps.slice(),
      threshold: Float32Array.of(this.#threshold),
      epoch: Float32Array.of(this.#epoch),
    };
  }

  /** Goes on from what was saved; from nothing, as at the start. */
  restore({ overlaps, threshold, epoch }: Tensors): void {
    if (overlaps === undefined) return;
    this.#overlaps.set(overlaps.subarray(0, this.#overlaps.length));
    this.#threshold = threshold?.[0] ?? Number.POSITIVE_INFINITY;
    this.#epoch = epoch?.[0] ?? -1;
  }
}
