import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { TrainingError } from '../../../../training/errors.js';
import { DESCRIPTION, numberedSample, sampleOf, temporaryFolder } from '../samples.js';

test('samples are read back as they were written, in any order', (t) => {
  const folder = temporaryFolder();
  const store = SampleStore.open(folder, DESCRIPTION);
  for (const index of [4, 0, 2]) store.write(index, numberedSample(index));
  for (const index of [0, 2, 4]) t.deepEqual(store.read(index), numberedSample(index));
  store.close();
  rmSync(folder, { recursive: true });
});

test('an interrupted fill goes on where it stopped', (t) => {
  const folder = temporaryFolder();
  const first = SampleStore.open(folder, DESCRIPTION);
  t.deepEqual(first.missing(), [0, 1, 2, 3, 4]);
  first.write(1, numberedSample(1));
  first.write(3, numberedSample(3));
  first.close();
  const second = SampleStore.open(folder, { ...DESCRIPTION });
  t.deepEqual(second.missing(), [0, 2, 4]);
  for (const index of second.missing()) second.write(index, numberedSample(index));
  t.deepEqual(second.missing(), []);
  t.deepEqual(second.read(1), numberedSample(1));
  second.close();
  rmSync(folder, { recursive: true });
});

test('a sample that was cut off while it was written counts as missing', (t) => {
  const folder = temporaryFolder();
  const store = SampleStore.open(folder, DESCRIPTION);
  store.write(0, numberedSample(0));
  const bytes = statSync(path.join(folder, 'samples.bin')).size;
  // A kill within `write` comes before the mark in complete.bin: only data, and only part of it.
  writeFileSync(path.join(folder, 'samples.bin'), new Uint8Array(bytes / 2), { flag: 'a' });
  t.deepEqual(store.missing(), [1, 2, 3, 4]);
  store.write(1, numberedSample(1));
  t.deepEqual(store.read(1), numberedSample(1));
  store.close();
  rmSync(folder, { recursive: true });
});

test('several stores may be open on one folder at once', (t) => {
  const folder = temporaryFolder();
  const stores = [SampleStore.open(folder, DESCRIPTION), SampleStore.open(folder, DESCRIPTION)];
  for (const index of [0, 1, 2, 3, 4]) stores[index % 2]?.write(index, numberedSample(index));
  for (const store of stores) {
    t.deepEqual(store.missing(), []);
    t.deepEqual(store.read(3), numberedSample(3));
    store.close();
  }
  t.deepEqual(readdirSync(folder).sort(), ['complete.bin', 'samples.bin', 'store.json']);
  rmSync(folder, { recursive: true });
});

test('a folder with samples of another description is refused, whatever differs', (t) => {
  const folder = temporaryFolder();
  SampleStore.open(folder, DESCRIPTION).close();
  const { count, height, width, seed, source } = DESCRIPTION;
  t.notThrows(
    () => SampleStore.open(folder, { count, height, width, seed, source }).close(),
    'in another order',
  );
  for (const change of [{ source: 'x' }, { seed: 4 }, { width: 8 }, { height: 8 }, { count: 6 }]) {
    t.throws(() => SampleStore.open(folder, { ...DESCRIPTION, ...change }), {
      instanceOf: TrainingError,
      message: /holds other samples.*Name another folder, or delete it/s,
    });
  }
  rmSync(folder, { recursive: true });
});

test('a sample of another size is refused', (t) => {
  const folder = temporaryFolder();
  const store = SampleStore.open(folder, DESCRIPTION);
  t.throws(() => store.write(0, sampleOf(4, 6)), { instanceOf: TrainingError, message: /`6x4`, got 4x6/ });
  store.close();
  rmSync(folder, { recursive: true });
});

test('a file that lost its end is an error that says what to do', (t) => {
  const folder = temporaryFolder();
  const store = SampleStore.open(folder, DESCRIPTION);
  store.write(0, numberedSample(0));
  truncateSync(path.join(folder, 'samples.bin'), 100);
  t.throws(() => store.read(0), {
    instanceOf: TrainingError,
    message: /sample 0 .* cut off; delete the store/,
  });
  store.close();
  rmSync(folder, { recursive: true });
});
