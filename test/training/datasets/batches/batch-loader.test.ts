import { rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { STRONG_AUGMENTATION } from '../../../../training/datasets/batches/augmentation.js';
import { emptyBatch, fillBatch } from '../../../../training/datasets/batches/batch.js';
import { BatchOrder } from '../../../../training/datasets/batches/batch-order.js';
import type { BatchArrays } from '../../../../training/datasets/batches/batch-schema.js';
import { loadBatches } from '../../../../training/datasets/batches/load-batches.js';
import type { BatchesOptions } from '../../../../training/datasets/batches/role-batches.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { Random } from '../../../../training/simulator/random.js';
import { DESCRIPTION, numberedSample, plainOptions, temporaryFolder } from '../samples.js';

const BATCH = { ...plainOptions(4, 2), batchSize: 2, augmentation: STRONG_AUGMENTATION };
const SHAPES = [BATCH, { ...BATCH, width: 2, height: 4 }] as const;

/** Four of five samples, in two shapes. */
function options(): BatchesOptions & { readonly folder: string } {
  const folder = temporaryFolder();
  const store = SampleStore.open(folder, DESCRIPTION);
  for (let index = 0; index < 5; index++) store.write(index, numberedSample(index));
  store.close();
  const names = { image: 'image', disparity: 'disparity', weight: 'weight', labels: 'labels' };
  const data = { folder, description: DESCRIPTION, first: 1, count: 4 };
  return { folder, roles: [{ kind: 'labelled', data, fill: SHAPES, names }], seed: 11 };
}

async function deliver(
  given: BatchesOptions,
  first: number,
  last: number,
  recycle: boolean,
): Promise<BatchArrays[]> {
  const loader = loadBatches(given, first);
  const batches: BatchArrays[] = [];
  for (let step = first; step < last; step++) {
    const batch = await loader.next(step);
    batches.push(structuredClone(batch));
    if (recycle) loader.recycle(step, batch);
  }
  await loader.close();
  return batches;
}

test('the batches of a step are the same wherever the run begins and whether memory is reused', async (t) => {
  const given = options();
  const whole = await deliver(given, 0, 10, true);
  t.deepEqual(await deliver(given, 0, 10, false), whole);
  t.deepEqual(await deliver(given, 3, 10, true), whole.slice(3));
  t.deepEqual(await deliver(given, 9, 10, true), whole.slice(9));
  rmSync(given.folder, { recursive: true });
});

test('a batch is what its samples give by the order and the seed, every fourth in the second shape', async (t) => {
  const given = options();
  const delivered = await deliver(given, 0, 5, true);
  const order = new BatchOrder([0, 1, 2, 3], given.seed);
  for (const [step, batch] of delivered.entries()) {
    const shape = SHAPES[step === 3 ? 1 : 0];
    const expected = emptyBatch(shape);
    for (const i of [0, 1]) {
      const position = 2 * step + i;
      const random = new Random(given.seed + 1, position);
      fillBatch(expected, i, numberedSample(1 + order.at(position)), shape, random);
    }
    t.deepEqual(batch, { ...expected }, `step ${step}`);
  }
  rmSync(given.folder, { recursive: true });
});

test('samples that cannot be read fail the batch with the folder and the reason', async (t) => {
  const given = options();
  truncateSync(path.join(given.folder, 'samples.bin'), 10);
  const loader = loadBatches(given, 0);
  await t.throwsAsync(loader.next(0), {
    name: 'TrainingError',
    message: new RegExp(`${given.folder} failed: sample \\d of the store is cut off`),
  });
  await loader.close();
  rmSync(given.folder, { recursive: true });
});
