import { Random } from '../../simulator/random.js';
import { type LabelledSource, StoredSamples, type StoredSamplesOptions } from '../stores/labelled-source.js';
import { StoredTriplets, type StoredTripletsOptions } from '../stores/stored-triplets.js';
import type { TripletSource } from '../stores/triplet.js';
import { type Batch, type BatchOptions, emptyBatch, fillBatch } from './batch.js';
import { BatchLoader } from './batch-loader.js';
import { BatchOrder } from './batch-order.js';
import { emptyTripletBatch, fillTriplet, type JointBatch, type TripletBatchOptions } from './joint-batch.js';

/** Plain data: the worker is told it. */
export interface JointBatchesOptions {
  readonly target: StoredTripletsOptions;
  readonly targetBatch: TripletBatchOptions;
  /** Labelled images of the source domain; left out: depth alone is trained. */
  readonly source?: { readonly samples: StoredSamplesOptions; readonly batch: BatchOptions };
  readonly seed: number;
}

/** Steps in which every triplet is seen once; what is left over by whole batches waits for another epoch's order. */
export function stepsPerEpoch(triplets: number, batchSize: number): number {
  return Math.max(1, Math.floor(triplets / batchSize));
}

/** Makes the joint batch of any step: a function of the options and the step alone. */
export class JointBatchMaker {
  readonly #options: JointBatchesOptions;
  readonly #triplets: TripletSource;
  readonly #order: BatchOrder;
  readonly #labelled: { readonly source: LabelledSource; readonly order: BatchOrder } | undefined;
  readonly #unused: Pick<Batch, 'disparity' | 'weight'>;

  constructor(options: JointBatchesOptions) {
    const { target, source, seed } = options;
    this.#options = options;
    this.#triplets = new StoredTriplets(target);
    this.#order = new BatchOrder(upTo(this.#triplets.count), seed);
    if (source === undefined) {
      this.#unused = { disparity: new Float32Array(), weight: new Float32Array() };
      return;
    }
    const samples = new StoredSamples(source.samples);
    this.#labelled = { source: samples, order: new BatchOrder(upTo(samples.count), seed + 1) };
    const { disparity, weight } = emptyBatch(source.batch);
    this.#unused = { disparity, weight };
  }

  /** @param recycled memory of an earlier batch. @throws TrainingError when a sample cannot be read. */
  async make(step: number, recycled?: JointBatch): Promise<JointBatch> {
    const { targetBatch, source, seed } = this.#options;
    const batch = recycled ?? this.#empty();
    const { targets } = targetBatch;
    const perEpoch = stepsPerEpoch(this.#triplets.count, targets);
    const first = Math.floor(step / perEpoch) * this.#triplets.count + (step % perEpoch) * targets;
    for (let i = 0; i < targets; i++) {
      const index = this.#order.at(first + i);
      batch.triplets[i] = index;
      const random = new Random(seed + 2, step * targets + i);
      fillTriplet(batch, i, await this.#triplets.read(index), targetBatch, random);
    }
    if (source === undefined || this.#labelled === undefined) return batch;
    const labelled = { image: batch.sourceImage, labels: batch.sourceLabels, ...this.#unused };
    for (let i = 0; i < source.batch.batchSize; i++) {
      const position = step * source.batch.batchSize + i;
      const sample = await this.#labelled.source.read(this.#labelled.order.at(position));
      fillBatch(labelled, i, sample, source.batch, new Random(seed + 3, position));
    }
    return batch;
  }

  close(): void {
    this.#triplets.close();
    this.#labelled?.source.close();
  }

  #empty(): JointBatch {
    const { targetBatch, source } = this.#options;
    const { image, labels } =
      source === undefined
        ? { image: new Float32Array(), labels: new Int32Array() }
        : emptyBatch(source.batch);
    return { ...emptyTripletBatch(targetBatch), sourceImage: image, sourceLabels: labels };
  }
}

/** Joint batches from `firstStep` on, made in a worker thread. */
export function loadJointBatches(options: JointBatchesOptions, firstStep: number): BatchLoader<JointBatch> {
  return new BatchLoader(
    {
      worker: new URL('./joint-batch-worker.js', import.meta.url),
      workerData: options,
      shapes: 1,
      source: options.target.folder,
    },
    firstStep,
  );
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
