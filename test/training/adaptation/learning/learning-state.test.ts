import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import type { PosedTriplet } from '../../../../training/adaptation/learning/adaptation-batches.js';
import { LearningState } from '../../../../training/adaptation/learning/learning-state.js';
import { initialParameters } from '../../../../training/weights/parameters.js';
import { temporaryFolder } from '../../datasets/samples.js';

const test = anyTest as TestFn<{ root: string }>;

test.beforeEach((t) => {
  t.context = { root: temporaryFolder() };
});
test.afterEach.always((t) => rm(t.context.root, { recursive: true }));

const SPECS = [
  { name: 'encoder.w', shape: [2, 3], trainable: true, initializer: { kind: 'constant', value: 0.5 } },
] as const;

const open = (root: string, of: unknown, restart = false) =>
  LearningState.open({
    ...{ root, of, restart, steps: 10 },
    parameters: initialParameters(SPECS as never, 1), // what the network declares
  });

const ahead = (meters: number) => Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, meters, 0, 0, 0, 1);
const TRIPLET: PosedTriplet = {
  ...{ target: 1, previous: 0, next: 2, drive: 0 },
  ...{ previousPose: ahead(1), nextPose: ahead(-1) },
};

test('weights, optimizer, steps and poses are there again', async (t) => {
  const { root } = t.context;
  const state = await open(root, { drive: 'a' });
  t.is(state.step, 0);
  t.is(state.poses([TRIPLET]), undefined);
  const values = state.parameters.get('encoder.w')?.values ?? new Float32Array();
  state
    .optimizer()
    .update({ 'encoder.w': values }, { 'encoder.w': Float32Array.from(values, (_, i) => i) }, 0.1);
  await state.save(7, [{ ...TRIPLET, previousPose: ahead(1.25) }]);
  const again = await open(root, { drive: 'a' });
  t.is(again.step, 7);
  t.deepEqual(again.parameters.get('encoder.w')?.values, values);
  t.deepEqual(again.optimizer().save(), state.optimizer().save());
  t.deepEqual(again.poses([TRIPLET]), [{ ...TRIPLET, previousPose: ahead(1.25) }]);
});

test('another drive begins anew, and so does who asks for it; the two latest are kept', async (t) => {
  const { root } = t.context;
  for (const drive of ['a', 'b', 'c']) {
    const state = await open(root, { drive });
    t.is(state.step, 0);
    await state.save(3, undefined);
  }
  t.is((await readdir(root)).length, 2);
  t.is((await open(root, { drive: 'a' })).step, 0, 'the oldest is gone');
  t.is((await open(root, { drive: 'c' })).step, 3);
  t.is((await open(root, { drive: 'c' }, true)).step, 0);
});

test('what is complete is removed', async (t) => {
  const { root } = t.context;
  const state = await open(root, 1);
  await state.save(9, undefined);
  t.true(existsSync(path.join(root, (await readdir(root))[0], 'state.json')));
  await state.remove();
  t.deepEqual(await readdir(root), []);
});
