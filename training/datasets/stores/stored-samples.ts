import { TrainingError } from '../../errors.js';
import type { Sample } from './sample.js';
import { SampleStore, type StoreDescription } from './sample-store.js';

/** Samples in a store. Plain data: workers are told it. */
export interface StoredSamplesOptions {
  readonly folder: string;
  readonly description: StoreDescription;
  /** The first of the samples that are used; 0 where left out. */
  readonly first?: number;
  /** How many samples are used from there on. */
  readonly count: number;
}

/** Consecutive labelled samples of a store; any of them at any time. Depth that nobody knows is NaN. */
export class StoredSamples {
  readonly count: number;
  readonly #first: number;
  readonly #store: SampleStore;

  constructor({ folder, description, first = 0, count }: StoredSamplesOptions) {
    this.#store = SampleStore.open(folder, description);
    this.#first = first;
    this.count = count;
  }

  /** @throws TrainingError naming what cannot be read. */
  async read(index: number): Promise<Sample> {
    if (!(index >= 0 && index < this.count)) {
      throw new TrainingError(`sample ${index}: expected \`0..${this.count - 1}\``);
    }
    return this.#store.read(this.#first + index);
  }

  close(): void {
    this.#store.close();
  }
}
