import { Random } from '../../simulator/random.js';
import { StoredSamples } from '../stores/stored-samples.js';
import { StoredTriplets } from '../stores/stored-triplets.js';
import { emptyBatch, fillBatch, LABELLED_FIELDS } from './batch.js';
import { BatchOrder, shapeOfStep } from './batch-order.js';
import { asArrays, type BatchArrays } from './batch-schema.js';
import { emptyPictureBatch, fillPictures } from './picture-batch.js';
import type { BatchesOptions, RoleBatches } from './role-batches.js';
import { emptyTripletBatch, fillTriplet, TRIPLET_FIELDS } from './triplet-batch.js';

/** Steps in which every triplet is seen once; what is left over by whole batches waits for another epoch's order. */
export function stepsPerEpoch(samples: number, batchSize: number): number {
  return Math.max(1, Math.floor(samples / batchSize));
}

/** A role's samples, written into arrays by the names that the kind of data has for them. */
interface RoleFiller {
  readonly count: number;
  empty(shape: number): BatchArrays;
  fill(arrays: BatchArrays, at: number, sample: number, shape: number, random: Random): Promise<void>;
  close(): void;
}

/** A role as it takes part in batches. */
interface Part {
  readonly role: RoleBatches;
  readonly filler: RoleFiller;
  readonly order: BatchOrder;
  /** Seed of the random changes. */
  readonly seed: number;
  /** Memory of what the batch has no name for, by shape. */
  readonly unused: BatchArrays[];
}

/**
 * Makes the batch of any step: a function of the options and the step alone. Each role has an order and random changes of
 * its own, by its place among the roles.
 */
export class BatchMaker {
  readonly #parts: readonly Part[];
  readonly #shapes: number;

  constructor({ roles, seed }: BatchesOptions) {
    this.#shapes = Math.max(...roles.map((role) => role?.fill.length ?? 1));
    this.#parts = roles.flatMap((role, place) => {
      if (role === undefined) return [];
      const filler = fillerOf(role);
      const indices = Array.from({ length: filler.count }, (_, i) => i);
      const order = new BatchOrder(indices, seed + place);
      return [{ role, filler, order, seed: seed + roles.length + place, unused: [] }];
    });
  }

  /** @param recycled memory of an earlier batch of the same shape. @throws TrainingError when a sample cannot be read. */
  async make(step: number, recycled?: BatchArrays): Promise<BatchArrays> {
    const shape = shapeOfStep(step, this.#shapes);
    let batch: BatchArrays = {};
    for (const { role, filler, order, seed, unused } of this.#parts) {
      const own = recycled && taken(recycled, role.names);
      const arrays = own === undefined ? filler.empty(shape) : { ...unused[shape], ...own };
      unused[shape] ??= Object.fromEntries(Object.entries(arrays).filter(([name]) => !(name in role.names)));
      const { batchSize } = role.fill[shape] ?? { batchSize: 0 };
      const first = firstPosition(role.kind, step, batchSize, filler.count);
      for (let i = 0; i < batchSize; i++) {
        const random = new Random(seed, step * batchSize + i);
        await filler.fill(arrays, i, order.at(first + i), shape, random);
      }
      batch = { ...batch, ...given(arrays, role.names) };
    }
    return batch;
  }

  /** A batch of this sample of every role alone, in the order of the store: for batches of one. */
  async single(sample: number): Promise<BatchArrays> {
    let batch: BatchArrays = {};
    for (const { role, filler, seed } of this.#parts) {
      const arrays = filler.empty(0);
      await filler.fill(arrays, 0, sample, 0, new Random(seed, sample));
      batch = { ...batch, ...given(arrays, role.names) };
    }
    return batch;
  }

  close(): void {
    for (const { filler } of this.#parts) filler.close();
  }
}

/** Triplets are seen in whole epochs, whose ends a method may care for; samples and pictures one after another for ever. */
function firstPosition(kind: RoleBatches['kind'], step: number, batchSize: number, count: number): number {
  if (kind !== 'triplets') return step * batchSize;
  const perEpoch = stepsPerEpoch(count, batchSize);
  return Math.floor(step / perEpoch) * count + (step % perEpoch) * batchSize;
}

type Names = Readonly<Record<string, string | undefined>>;

function taken(batch: BatchArrays, names: Names): BatchArrays {
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, called]) => {
      const array = called === undefined ? undefined : batch[called];
      return array === undefined ? [] : [[name, array] as const];
    }),
  );
}

function given(arrays: BatchArrays, names: Names): BatchArrays {
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, called]) => {
      const array = arrays[name];
      return called === undefined || array === undefined ? [] : [[called, array] as const];
    }),
  );
}

function fillerOf(role: RoleBatches): RoleFiller {
  if (role.kind === 'labelled') {
    const source = new StoredSamples(role.data);
    return {
      count: source.count,
      empty: (shape) => ({ ...emptyBatch(at(role.fill, shape)) }),
      fill: async (arrays, index, sample, shape, random) => {
        const batch = asArrays(LABELLED_FIELDS, arrays);
        fillBatch(batch, index, await source.read(sample), at(role.fill, shape), random);
      },
      close: () => source.close(),
    };
  }
  if (role.kind === 'pictures') {
    const pictures = new StoredSamples(role.data);
    return {
      count: pictures.count,
      empty: (shape) => emptyPictureBatch(at(role.fill, shape), Object.keys(role.names)),
      fill: async (arrays, index, sample, shape, random) => {
        fillPictures(arrays, index, await pictures.read(sample), at(role.fill, shape), random);
      },
      close: () => pictures.close(),
    };
  }
  const triplets = new StoredTriplets(role.data);
  return {
    count: triplets.count,
    empty: (shape) => ({ ...emptyTripletBatch(at(role.fill, shape)) }),
    fill: async (arrays, index, sample, shape, random) => {
      const batch = asArrays(TRIPLET_FIELDS, arrays);
      batch.triplets[index] = sample;
      fillTriplet(batch, index, await triplets.read(sample), at(role.fill, shape), random);
    },
    close: () => triplets.close(),
  };
}

/** A role with one shape has it in every step. */
function at<T>(shapes: readonly T[], shape: number): T {
  const found = shapes[shape] ?? shapes[0];
  if (found === undefined) throw new RangeError('a role has at least one shape');
  return found;
}
