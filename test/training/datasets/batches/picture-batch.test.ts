import { rmSync } from 'node:fs';
import test from 'ava';
import { NO_AUGMENTATION, STRONG_AUGMENTATION } from '../../../../training/datasets/batches/augmentation.js';
import { BatchMaker } from '../../../../training/datasets/batches/batch-maker.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { DESCRIPTION, numberedSample, temporaryFolder } from '../samples.js';

function makerOf(names: Readonly<Record<string, string>>, augmentation = NO_AUGMENTATION) {
  const folder = temporaryFolder();
  const store = SampleStore.open(folder, DESCRIPTION);
  for (let index = 0; index < 5; index++) store.write(index, numberedSample(index));
  store.close();
  const fill = {
    batchSize: 2,
    width: 6,
    height: 4,
    mean: [0.5, 0, 0],
    std: [0.5, 1, 1],
    augmentation,
  } as const;
  const data = { folder, description: DESCRIPTION, count: 5 };
  const maker = new BatchMaker({ roles: [{ kind: 'pictures', data, fill: [fill], names }], seed: 3 });
  return {
    maker,
    close: () => {
      maker.close();
      rmSync(folder, { recursive: true });
    },
  };
}

test('a batch of pictures holds the fields that are named and no truth, though the store has one', async (t) => {
  const { maker, close } = makerOf({ image: 'targetImage', picture: 'targetPicture' });
  const batch = await maker.single(3);
  t.deepEqual(Object.keys(batch), ['targetImage', 'targetPicture']);
  // Sample 3 has red 3 everywhere: (3 / 255 - 0.5) / 0.5 and 3 / 255.
  t.true(Math.abs((batch.targetImage?.[0] ?? 0) - (3 / 255 - 0.5) / 0.5) < 1e-6);
  t.true(Math.abs((batch.targetPicture?.[0] ?? 0) - 3 / 255) < 1e-6);
  t.is(batch.targetImage?.length, 2 * 3 * 6 * 4, 'a batch of two');
  close();
  const other = makerOf({ image: 'x' });
  t.deepEqual(Object.keys(await other.maker.make(0)), ['x'], 'what has no name is not made');
  other.close();
});

test('every picture is seen once an epoch, and a step has the same batch whenever it is made', async (t) => {
  const { maker, close } = makerOf({ image: 'image', picture: 'picture' }, STRONG_AUGMENTATION);
  const seen: number[] = [];
  for (let step = 0; step < 5; step++) {
    const { picture } = await maker.make(step);
    for (const image of [0, 1]) seen.push(Math.round(255 * (picture?.[image * 72] ?? 0)));
  }
  t.deepEqual(seen.slice(0, 5).sort(), [0, 1, 2, 3, 4]);
  t.deepEqual(seen.slice(5).sort(), [0, 1, 2, 3, 4]);
  const again = makerOf({ image: 'image', picture: 'picture' }, STRONG_AUGMENTATION);
  t.deepEqual(await again.maker.make(4), await maker.make(4));
  close();
  again.close();
});
