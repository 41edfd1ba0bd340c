import type { Sample } from './sample.js';
import { SampleStore, type StoreDescription } from './sample-store.js';

/** The labelled images of a data set; any of them at any time. Depth that nobody knows is NaN. */
export interface LabelledSource {
  readonly count: number;
  /** @throws TrainingError naming what cannot be read. */
  read(index: number): Promise<Sample>;
  close(): void;
}

/** Samples in a store. Plain data: workers are told it. */
export interface StoredSamplesOptions {
  readonly folder: string;
  readonly description: StoreDescription;
  /** How many of the first samples are used. */
  readonly count: number;
}

/** The first samples of a store. */
export class StoredSamples implements LabelledSource {
  readonly count: number;
  readonly #store: SampleStore;

  constructor({ folder, description, count }: StoredSamplesOptions) {
    this.#store = SampleStore.open(folder, description);
    this.count = count;
  }

  async read(index: number): Promise<Sample> {
    return this.#store.read(index);
  }

  close(): void {
    this.#store.close();
  }
}
