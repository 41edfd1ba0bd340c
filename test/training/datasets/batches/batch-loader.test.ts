import { rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { STRONG_AUGMENTATION } from '../../../../training/datasets/batches/augmentation.js';
import { type Batch, emptyBatch, fillBatch } from '../../../../training/datasets/batches/batch.js';
import { BatchOrder } from '../../../../training/datasets/batches/batch-order.js';
import {
  loadSampleBatches,
  type SampleBatchOptions,
} from '../../../../training/datasets/batches/sample-batches.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { Random } from '../../../../training/simulator/random.js';
import { DESCRIPTION, numberedSample, plainOptions, temporaryFolder } from '../samples.js';

function options(): SampleBatchOptions {
  const folder = temporaryFolder();
  const store = SampleStore.open(folder, DESCRIPTION);
  for (let index = 0; index < 5; index++) store.write(index, numberedSample(index));
  store.close();
  const batch = { ...plainOptions(4, 2), batchSize: 2, augmentation: STRONG_AUGMENTATION };
  return {
    folder,
    description: DESCRIPTION,
    indices: [0, 1, 3, 4],
    batches: [batch, { ...batch, width: 2, height: 4 }],
    seed: 11,
  };
}

async function deliver(
  given: SampleBatchOptions,
  first: number,
  last: number,
  recycle: boolean,
): Promise<Batch[]> {
  const loader = loadSampleBatches(given, first);
  const batches: Batch[] = [];
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
  const order = new BatchOrder(given.indices, given.seed);
  for (const [step, batch] of delivered.entries()) {
    const shape = given.batches[step === 3 ? 1 : 0];
    if (shape === undefined) throw new Error('the test gives two shapes');
    const expected = emptyBatch(shape);
    for (const i of [0, 1]) {
      const position = 2 * step + i;
      const random = new Random(given.seed + 1, position);
      fillBatch(expected, i, numberedSample(order.at(position)), shape, random);
    }
    t.deepEqual(batch, expected, `step ${step}`);
  }
  rmSync(given.folder, { recursive: true });
});

test('samples that cannot be read fail the batch with the folder and the reason', async (t) => {
  const given = options();
  truncateSync(path.join(given.folder, 'samples.bin'), 10);
  const loader = loadSampleBatches(given, 0);
  await t.throwsAsync(loader.next(0), {
    name: 'TrainingError',
    message: new RegExp(`${given.folder} failed: sample \\d of the store is cut off`),
  });
  await loader.close();
  rmSync(given.folder, { recursive: true });
});
