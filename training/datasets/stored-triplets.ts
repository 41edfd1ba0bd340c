import { TrainingError } from '../errors.js';
import { SampleStore, type StoreDescription } from './sample-store.js';
import type { Triplet, TripletSource } from './triplet.js';

/** Frames of drives in a store, and which of them follow each other. Plain data: workers are told it. */
export interface StoredTripletsOptions {
  readonly folder: string;
  readonly description: StoreDescription;
  /** Frames without a gap between them: index of the first in the store, and their number. */
  readonly runs: readonly { readonly first: number; readonly frames: number }[];
  /** Frames from the target to its neighbours, at least 1. */
  readonly spacing: number;
}

/** Triplets of a store's frames; no triplet reaches over the end of a run. */
export class StoredTriplets implements TripletSource {
  readonly count: number;
  readonly #store: SampleStore;
  readonly #targets: readonly number[];
  readonly #spacing: number;

  constructor({ folder, description, runs, spacing }: StoredTripletsOptions) {
    this.#store = SampleStore.open(folder, description);
    this.#spacing = spacing;
    this.#targets = targetsOf(runs, spacing);
    this.count = this.#targets.length;
  }

  async read(index: number): Promise<Triplet> {
    const at = this.#targets[index];
    if (at === undefined) throw new TrainingError(`triplet ${index}: expected \`0..${this.count - 1}\``);
    const { rgb, labels, depthMeters, intrinsics, width, height } = this.#store.read(at);
    return {
      width,
      height,
      target: rgb,
      previous: this.#store.read(at - this.#spacing).rgb,
      next: this.#store.read(at + this.#spacing).rgb,
      intrinsics,
      ...(this.#store.description.truth === false ? {} : { labels, depthMeters }),
    };
  }

  close(): void {
    this.#store.close();
  }
}

/** The frames that have a neighbour on either side in their run. */
function targetsOf(runs: StoredTripletsOptions['runs'], spacing: number): number[] {
  return runs.flatMap(({ first, frames }) =>
    Array.from({ length: Math.max(0, frames - 2 * spacing) }, (_, i) => first + spacing + i),
  );
}
