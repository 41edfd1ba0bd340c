import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import {
  commitMemory,
  draftMemory,
  MEMORY_SIZE,
  openMemory,
} from '../../../../training/adaptation/learning/drive-memory.js';
import type { Sample } from '../../../../training/datasets/stores/sample.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';

const test = anyTest as TestFn<{ root: string }>;
const size = { width: 4, height: 2 };

test.beforeEach(async (t) => {
  t.context = { root: await mkdtemp(path.join(os.tmpdir(), 'rxdepth-memory-')) };
});
test.afterEach.always((t) => rm(t.context.root, { recursive: true }));

/** A picture whose depth says which it is. */
const picture = (drive: number, index: number): Sample => ({
  ...size,
  rgb: new Uint8Array(24).fill(drive),
  depthMeters: new Float32Array(8).fill(index + 1),
  labels: new Uint8Array(8),
  intrinsics: { fx: 2, fy: 2, cx: 1.5, cy: 0.5 },
});

const drive = (number: number, frames: number) => ({
  name: `drive-${number}`,
  frames,
  frame: async (index: number) => picture(number, index),
});

test('every drive has an equal share, spread over its length, and the disk that is taken is bounded', async (t) => {
  const { root } = t.context;
  for (let i = 1; i <= 4; i++) await commitMemory(await draftMemory(root, size, drive(i, 200)));
  const memory = await openMemory(root, size);
  if (memory === undefined) return t.fail('there is a memory');
  t.deepEqual(
    memory.drives,
    [1, 2, 3, 4].map((i) => ({ name: `drive-${i}`, count: MEMORY_SIZE / 4 })),
  );
  t.is(memory.description.count, MEMORY_SIZE);
  const store = SampleStore.open(memory.folder, memory.description);
  for (let i = 0; i < 4; i++) {
    const samples = Array.from({ length: 24 }, (_, k) => store.read(24 * i + k));
    t.true(samples.every(({ rgb }) => rgb[0] === i + 1));
    const shown = samples.map(({ depthMeters }) => depthMeters[0]);
    t.deepEqual(
      shown,
      [...shown].sort((a, b) => a - b),
    );
    t.is(new Set(shown).size, 24, 'no picture twice');
    t.true(shown[0] < 20 && shown[23] > 180, 'from begin to end');
  }
  store.close();
  t.is((await readdir(path.join(root, '4x2'))).length, 1, 'earlier generations are gone');
});

test('a drive that is adapted to again takes the place of its former self', async (t) => {
  const { root } = t.context;
  await commitMemory(await draftMemory(root, size, drive(1, 10)));
  await commitMemory(await draftMemory(root, size, drive(2, 300)));
  await commitMemory(await draftMemory(root, size, drive(1, 20)));
  t.deepEqual((await openMemory(root, size))?.drives, [
    { name: 'drive-2', count: 48 },
    { name: 'drive-1', count: 20 },
  ]);
});

test('a draft that is never committed leaves the memory as it was and is removed', async (t) => {
  const { root } = t.context;
  t.is(await openMemory(root, size), undefined);
  await commitMemory(await draftMemory(root, size, drive(1, 10)));
  const draft = await draftMemory(root, size, drive(2, 10));
  t.deepEqual((await openMemory(root, size))?.drives, [{ name: 'drive-1', count: 10 }]);
  t.false(existsSync(draft.folder));
});
