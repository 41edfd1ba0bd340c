import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ModelRunner } from '../../../../models/model-runner.js';
import { loadModel } from '../../../../models/model-store.js';
import { contendersOf } from '../../../../training/adaptation/judge/contenders.js';
import { modelBetween } from '../../../../training/adaptation/judge/model-between.js';
import { adjustLogits } from '../../../../training/perception-graph/adjust-logits.js';
import { decodeSafetensors } from '../../../../training/weights/safetensors.js';
import { TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from '../tiny-model.js';

async function twoModels(t: { teardown(fn: () => Promise<void>): void }) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-between-'));
  t.teardown(() => rm(root, { recursive: true }));
  const folder = (name: string) => path.join(root, name);
  await writeTinyModel(folder('parent'), 3);
  await writeTinyModel(folder('child'), 8);
  return folder;
}

/** All numbers of a model's weights, by the file format's own rules. */
async function numbersOf(folder: string): Promise<Float32Array> {
  const bytes = await readFile(path.join(folder, 'weights.safetensors'));
  const { tensors } = decodeSafetensors(bytes, folder);
  return Float32Array.from(
    [...tensors.values()].flatMap((each) => [...new Float32Array(each.bytes.slice().buffer)]),
  );
}

test('every weight and every statistic lies at its share of the way', async (t) => {
  const folder = await twoModels(t);
  await modelBetween(folder('parent'), folder('child'), 0.25, folder('between'));
  const [a, b, c] = await Promise.all(['parent', 'child', 'between'].map((name) => numbersOf(folder(name))));
  t.true(a.length > 1000 && a.length === c.length);
  t.true(
    c.every((value, i) => Math.abs(value - (0.75 * a[i] + 0.25 * b[i])) <= 1e-6 * (1 + Math.abs(value))),
  );
});

test('between differently adjusted models the adjustment lies between, as their logits do', async (t) => {
  const folder = await twoModels(t);
  await adjustLogits(
    await loadModel(folder('parent')),
    new Map([['person', -1]]),
    { folder: folder('a') },
    '',
  );
  await adjustLogits(
    await loadModel(folder('child')),
    new Map([['person', -2]]),
    { folder: folder('b') },
    '',
  );
  const { classAdjustment } = await modelBetween(folder('a'), folder('b'), 0.25, folder('between'));
  t.deepEqual(classAdjustment, { person: -1.25 });
  const [a, b, c] = await Promise.all(['a', 'b', 'between'].map((name) => numbersOf(folder(name))));
  t.true(
    c.every((value, i) => Math.abs(value - (0.75 * a[i] + 0.25 * b[i])) <= 1e-6 * (1 + Math.abs(value))),
  );
  t.is(
    (await modelBetween(folder('parent'), folder('child'), 0.5, folder('plain'))).classAdjustment,
    undefined,
  );
});

test('the model between runs, and at the whole way it is the child', async (t) => {
  const folder = await twoModels(t);
  await modelBetween(folder('parent'), folder('child'), 1, folder('whole'));
  await modelBetween(folder('parent'), folder('child'), 0.5, folder('half'));
  const rgb = Uint8Array.from({ length: TINY_WIDTH * TINY_HEIGHT * 3 }, (_, i) => (i * 7919) % 251);
  const intrinsics = { fx: 74, fy: 74, cx: 63.5, cy: 31.5 };
  const depths: Float32Array[] = [];
  for (const name of ['parent', 'child', 'whole', 'half']) {
    const model = await ModelRunner.open(folder(name), 1);
    depths.push((await model.run({ width: TINY_WIDTH, height: TINY_HEIGHT, rgb }, intrinsics)).depth.slice());
    await model.close();
  }
  const [parent, child, whole, half] = depths;
  t.deepEqual(whole, child);
  t.notDeepEqual(half, child);
  t.notDeepEqual(half, parent);
});

test('models of different networks have nothing between them, and the message names what differs', async (t) => {
  const folder = await twoModels(t);
  const { TINY_NETWORK } = await import('../tiny-model.js');
  await writeTinyModel(folder('other'), 3, { ...TINY_NETWORK, encoder: [8, 8, 8, 8, 16] });
  await t.throwsAsync(modelBetween(folder('parent'), folder('other'), 0.5, folder('between')), {
    name: 'TrainingError',
    message: /other is no child of .*parent: expected `.*` of shape/,
  });
});

test('half of the way to the mean of what was learned comes first, then that mean, and those on the way at last', async (t) => {
  const folder = await twoModels(t);
  await modelBetween(folder('parent'), folder('child'), 0.6, folder('early'));
  await modelBetween(folder('parent'), folder('child'), 0.9, folder('later'));
  const learned = [
    { steps: 40, folder: folder('early') },
    { steps: 70, folder: folder('later') },
    { steps: 100, folder: folder('child') },
  ];
  const contenders = await contendersOf(folder('parent'), learned, folder('checkpoints'));
  t.deepEqual(
    contenders.map(({ name, share }) => [name, share]),
    [
      ['mean of 40, 70, 100 steps, 0.5 of the way', 0.5],
      ['mean of 40, 70, 100 steps', 1],
      ['mean of 40, 70, 100 steps, 0.25 of the way', 0.25],
      ['100 steps', 1],
      ['70 steps', 1],
      ['40 steps', 1],
    ],
  );
  const [half, mean] = contenders;
  const whole = contenders[3].distance;
  t.true(Math.abs(mean.distance / whole - (0.6 + 0.9 + 1) / 3) < 1e-3);
  const [a, b, m, h] = await Promise.all(
    [folder('parent'), folder('child'), mean.folder, half.folder].map((each) => numbersOf(each)),
  );
  const at = (share: number, values: Float32Array) =>
    values.every(
      (value, i) => Math.abs(value - (a[i] + share * (b[i] - a[i]))) <= 1e-5 * (1 + Math.abs(value)),
    );
  t.true(at(2.5 / 3, m));
  t.true(at(1.25 / 3, h));
});

test('where learning left one model, it is a contender itself', async (t) => {
  const folder = await twoModels(t);
  const learned = [{ steps: 100, folder: folder('child') }];
  const contenders = await contendersOf(folder('parent'), learned, folder('checkpoints'));
  t.deepEqual(
    contenders.map(({ name }) => name),
    ['100 steps, 0.5 of the way', '100 steps', '100 steps, 0.25 of the way'],
  );
  t.is(contenders[1].folder, folder('child'));
});
