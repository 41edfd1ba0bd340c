import { TrainingError } from '../../errors.js';
import { SampleStore, type StoreDescription } from './sample-store.js';
import type { Triplet, TripletSource } from './triplet.js';

/** Frames in a store, and which of them are triplets. Plain data: workers are told it. */
export interface StoredTripletsOptions {
  readonly folder: string;
  readonly description: StoreDescription;
  /** [N, 3]: the frames before, at and after the target, as indices of the store. */
  readonly triplets: Int32Array;
}

/** Triplets of a store's frames. */
export class StoredTriplets implements TripletSource {
  readonly count: number;
  readonly #store: SampleStore;
  readonly #triplets: Int32Array;

  constructor({ folder, description, triplets }: StoredTripletsOptions) {
    this.#store = SampleStore.open(folder, description);
    this.#triplets = triplets;
    this.count = triplets.length / 3;
  }

  async read(index: number): Promise<Triplet> {
    const [previous, target, next] = this.#triplets.subarray(3 * index, 3 * index + 3);
    if (previous === undefined || target === undefined || next === undefined) {
      throw new TrainingError(`triplet ${index}: expected \`0..${this.count - 1}\``);
    }
    const { rgb, labels, depthMeters, intrinsics, width, height } = this.#store.read(target);
    return {
      width,
      height,
      target: rgb,
      previous: this.#store.read(previous).rgb,
      next: this.#store.read(next).rgb,
      intrinsics,
      ...truthOf(this.#store.description, { labels, depthMeters }),
    };
  }

  close(): void {
    this.#store.close();
  }
}

function truthOf(
  { truth }: StoreDescription,
  { labels, depthMeters }: Required<Pick<Triplet, 'labels' | 'depthMeters'>>,
): Pick<Triplet, 'labels' | 'depthMeters'> {
  if (truth === false) return {};
  return truth === 'labels' ? { labels } : { labels, depthMeters };
}

/** Frames without a gap between them: index of the first, and their number. */
export interface FrameRun {
  readonly first: number;
  readonly frames: number;
}

/**
 * The triplets of every frame that has neighbours `spacing` frames away on either side in its run, [N, 3]. None reaches over
 * the end of a run.
 */
export function tripletsOfRuns(runs: readonly FrameRun[], spacing: number): Int32Array {
  return Int32Array.from(
    runs.flatMap(({ first, frames }) =>
      Array.from({ length: Math.max(0, frames - 2 * spacing) }, (_, i) => {
        const target = first + spacing + i;
        return [target - spacing, target, target + spacing];
      }).flat(),
    ),
  );
}
