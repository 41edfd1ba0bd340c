import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { readLabels } from '../../../../training/datasets/files/read-labels.js';
import { TrainingError } from '../../../../training/errors.js';
import { writeGrayPng } from './write-gray-png.js';

const WIDTH = 4;

async function labelFile(t: { teardown(fn: () => Promise<void>): void }, values: readonly number[]) {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-labels-'));
  t.teardown(() => rm(root, { recursive: true }));
  const file = path.join(root, 'labels.png');
  await writeGrayPng(file, Uint8Array.from(values), WIDTH);
  return file;
}

test("numbers that Cityscapes does not have are an error that says where: another data set's are not taken for its own", async (t) => {
  const trainIds = await labelFile(t, [0, 1, 18, 255, 2, 19, 3, 4]);
  await t.throwsAsync(readLabels({ file: trainIds, numbers: 'trainIds' }), {
    instanceOf: TrainingError,
    message: /labels\.png: expected Cityscapes' trainIds `0\.\.18` or 255, got 19 at column 1, row 1/,
  });
  const ids = await labelFile(t, [7, 33, 255, 34]);
  await t.throwsAsync(readLabels({ file: ids, numbers: 'ids' }), {
    instanceOf: TrainingError,
    message: /labels\.png: expected Cityscapes' ids `0\.\.33` or 255, got 34 at column 3, row 0/,
  });
});

test('ids and trainIds of Cityscapes are read, the licence plate as unlabelled', async (t) => {
  const ids = await labelFile(t, [7, 33, 255, 0]);
  t.deepEqual([...(await readLabels({ file: ids, numbers: 'ids' })).values], [0, 18, 255, 255]);
  t.deepEqual(
    [...(await readLabels({ file: ids, numbers: 'trainIds' }).catch(() => ({ values: [] }))).values],
    [],
  );
  const trainIds = await labelFile(t, [0, 18, 255, 10]);
  t.deepEqual([...(await readLabels({ file: trainIds, numbers: 'trainIds' })).values], [0, 18, 255, 10]);
});
