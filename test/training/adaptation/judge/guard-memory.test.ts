import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { ModelRunner } from '../../../../models/model-runner.js';
import {
  GUARD_DRIVES,
  GUARD_TRIPLETS,
  rememberedGuards,
  rememberGuard,
} from '../../../../training/adaptation/judge/guard-memory.js';
import type { JudgedDrive } from '../../../../training/adaptation/judge/judged-drive.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from '../tiny-model.js';

const test = anyTest as TestFn<{ root: string; parent: ModelRunner }>;
const intrinsics = { fx: 74, fy: 74, cx: 63.5, cy: 31.5 };
const size = { width: TINY_WIDTH, height: TINY_HEIGHT };
const pixels = TINY_WIDTH * TINY_HEIGHT;

test.beforeEach(async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-guards-'));
  await writeTinyModel(path.join(root, 'model'));
  t.context = { root, parent: await ModelRunner.open(path.join(root, 'model'), 1) };
});
test.afterEach.always(async (t) => {
  await t.context.parent.close();
  await rm(t.context.root, { recursive: true });
});

/** Every picture shows its number. */
function drive(root: string, name: string, triplets: number): JudgedDrive {
  const description = { source: name, seed: 0, ...size, count: triplets + 2 };
  const store = { folder: path.join(root, 'stores', name), description };
  const samples = SampleStore.open(store.folder, description);
  for (let i = 0; i < description.count; i++) {
    samples.write(i, {
      ...{ ...size, intrinsics, rgb: new Uint8Array(3 * pixels).fill(i) },
      ...{ depthMeters: new Float32Array(pixels).fill(1), labels: new Uint8Array(pixels) },
    });
  }
  samples.close();
  return {
    ...{ name, store, views: [{ ...size, intrinsics }] },
    triplets: Array.from({ length: triplets }, (_, i) => ({
      ...{ previous: i, target: i + 1, next: i + 2, drive: 0, stampNs: BigInt(i), parallaxPixels: 2 },
    })),
  };
}

test('a past drive comes back as triplets of its pictures, seen by who is the parent then', async (t) => {
  const { root, parent } = t.context;
  const guards = path.join(root, 'guards');
  await rememberGuard(guards, drive(root, 'monday', 40));
  const [monday, ...others] = await rememberedGuards(guards, [], parent, path.join(root, 'seen'));
  t.is(others.length, 0);
  t.deepEqual([monday.name, monday.triplets.length], ['monday', GUARD_TRIPLETS]);
  t.deepEqual(monday.views, [{ ...size, intrinsics }]);
  const store = SampleStore.open(monday.store.folder, monday.store.description);
  const shown = monday.triplets.map((each) =>
    [each.previous, each.target, each.next].map((index) => store.read(index).rgb[0]),
  );
  t.true(shown.every(([previous, target, next]) => target === previous + 1 && next === target + 1));
  t.true(shown[0][1] < 5 && shown[GUARD_TRIPLETS - 1][1] > 35, 'spread over the drive');
  const sample = store.read(1);
  const { depth } = await parent.run(sample, intrinsics);
  t.deepEqual(sample.depthMeters, depth.slice(), "the parent's depth");
  store.close();
});

test('a drive does not guard itself, and one of the same name takes its place', async (t) => {
  const { root, parent } = t.context;
  const guards = path.join(root, 'guards');
  await rememberGuard(guards, drive(root, 'monday', 4));
  await rememberGuard(guards, drive(root, 'tuesday', 5));
  await rememberGuard(guards, { ...drive(root, 'again', 6), name: 'monday' });
  const seen = (except: string[], at: string) =>
    rememberedGuards(guards, except, parent, path.join(root, at));
  t.deepEqual(
    (await seen([], 'a')).map(({ name, triplets }) => [name, triplets.length]),
    [
      ['tuesday', 5],
      ['monday', 6],
    ],
  );
  t.deepEqual(
    (await seen(['monday'], 'b')).map(({ name }) => name),
    ['tuesday'],
  );
});

test('the disk that is taken is bounded, and what a kill left half written is removed', async (t) => {
  const { root, parent } = t.context;
  const guards = path.join(root, 'guards');
  for (let i = 0; i < GUARD_DRIVES + 3; i++) await rememberGuard(guards, drive(root, `drive-${i}`, 1));
  await mkdir(path.join(guards, '.draft-000099-x'));
  const kept = await rememberedGuards(guards, [], parent, path.join(root, 'seen'));
  t.deepEqual(
    kept.map(({ name }) => name),
    Array.from({ length: GUARD_DRIVES }, (_, i) => `drive-${i + 3}`),
  );
  t.is((await readdir(guards)).length, GUARD_DRIVES);
});

test('without past drives there are no guards, and a drive without triplets is not kept', async (t) => {
  const { root, parent } = t.context;
  const guards = path.join(root, 'guards');
  t.deepEqual(await rememberedGuards(guards, [], parent, path.join(root, 'seen')), []);
  await rememberGuard(guards, drive(root, 'nothing', 0));
  t.deepEqual(await rememberedGuards(guards, [], parent, path.join(root, 'seen')), []);
});
