import { rmSync } from 'node:fs';
import test from 'ava';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { StoredTriplets, tripletsOfRuns } from '../../../../training/datasets/stores/stored-triplets.js';
import { DESCRIPTION, numberedSample, temporaryFolder } from '../samples.js';

test('every frame with neighbours in its run is a target; no triplet reaches over the end of a run', (t) => {
  const runs = [
    { first: 0, frames: 4 },
    { first: 4, frames: 2 },
    { first: 6, frames: 5 },
  ];
  t.deepEqual([...tripletsOfRuns(runs, 1)], [0, 1, 2, 1, 2, 3, 6, 7, 8, 7, 8, 9, 8, 9, 10]);
  t.deepEqual([...tripletsOfRuns(runs, 2)], [6, 8, 10]);
  t.deepEqual([...tripletsOfRuns(runs, 3)], []);
});

test("a triplet is the store's frames in temporal order, with the target's truth", async (t) => {
  const folder = temporaryFolder();
  const store = SampleStore.open(folder, DESCRIPTION);
  for (let index = 0; index < 5; index++) store.write(index, numberedSample(index));
  store.close();
  const triplets = new StoredTriplets({ folder, description: DESCRIPTION, triplets: Int32Array.of(0, 2, 4) });
  t.is(triplets.count, 1);
  const { target, previous, next, intrinsics, labels, depthMeters } = await triplets.read(0);
  t.deepEqual(
    [previous, target, next],
    [0, 2, 4].map((index) => numberedSample(index).rgb),
  );
  t.deepEqual(
    { intrinsics, labels, depthMeters },
    (({ intrinsics, labels, depthMeters }) => ({ intrinsics, labels, depthMeters }))(numberedSample(2)),
  );
  await t.throwsAsync(triplets.read(1), { name: 'TrainingError', message: /`0\.\.0`/ });
  triplets.close();
  rmSync(folder, { recursive: true });
});

test('a store without truth keeps pictures and intrinsics, and its triplets claim no more', async (t) => {
  const folder = temporaryFolder();
  const description = { ...DESCRIPTION, truth: false } as const;
  const store = SampleStore.open(folder, description);
  for (let index = 0; index < 5; index++) store.write(index, numberedSample(index));
  const { rgb, intrinsics, depthMeters, labels } = store.read(3);
  t.deepEqual({ rgb, intrinsics }, (({ rgb, intrinsics }) => ({ rgb, intrinsics }))(numberedSample(3)));
  t.true(depthMeters.every(Number.isNaN));
  t.true(labels.every((label) => label === 255));
  store.close();
  const triplets = new StoredTriplets({ folder, description, triplets: Int32Array.of(1, 2, 3) });
  const triplet = await triplets.read(0);
  t.deepEqual(triplet.target, numberedSample(2).rgb);
  t.is(triplet.depthMeters, undefined);
  t.is(triplet.labels, undefined);
  triplets.close();
  t.throws(() => SampleStore.open(folder, DESCRIPTION), { name: 'TrainingError', message: /other samples/ });
  rmSync(folder, { recursive: true });
});
