import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ModelRunner } from '../../../models/model-runner.js';
import { loadModel } from '../../../models/model-store.js';
import { adjustLogits } from '../../../training/perception-graph/adjust-logits.js';
import { averageModels } from '../../../training/perception-graph/average-models.js';
import { decodeSafetensors } from '../../../training/weights/safetensors.js';
import { TINY_NETWORK, writeTinyModel } from '../adaptation/tiny-model.js';

const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-average-'));
test.after.always(() => rm(root, { recursive: true, force: true }));
const folder = (name: string) => path.join(root, name);

/** Weights by name, by the file format's own rules. */
async function weightsOf(name: string): Promise<Map<string, Float32Array>> {
  const { tensors } = decodeSafetensors(await readFile(path.join(folder(name), 'weights.safetensors')), name);
  return new Map(
    [...tensors].map(([key, { bytes }]) => [key, new Float32Array(bytes.slice().buffer as ArrayBuffer)]),
  );
}

test('every weight is the mean, the models stay as they are, and the mean runs', async (t) => {
  for (const [i, name] of ['a', 'b', 'c'].entries()) await writeTinyModel(folder(name), i + 1);
  const models = await Promise.all(['a', 'b', 'c'].map((name) => loadModel(folder(name))));
  const manifest = await averageModels(
    models,
    { folder: folder('mean') },
    'rxdepth model average a b c',
    () => t.fail(),
  );
  t.regex(manifest.provenance.method, /^mean of 3 models/);
  const [a, b, c, mean] = await Promise.all(['a', 'b', 'c', 'mean'].map(weightsOf));
  for (const [name, values] of mean) {
    const expected = values.map(
      (_, i) => ((a.get(name)?.[i] ?? 0) + (b.get(name)?.[i] ?? 0) + (c.get(name)?.[i] ?? 0)) / 3,
    );
    t.true(
      values.every((value, i) => Math.abs(value - (expected[i] ?? 0)) <= 1e-6 * (1 + Math.abs(value))),
      name,
    );
  }
  t.deepEqual((await loadModel(folder('a'))).manifest, models[0]?.manifest);
  const runner = await ModelRunner.open(folder('mean'), 1);
  const rgb = Uint8Array.from({ length: 128 * 64 * 3 }, (_, i) => (i * 7919) % 251);
  const { depth } = await runner.run({ width: 128, height: 64, rgb }, { fx: 74, fy: 74, cx: 63.5, cy: 31.5 });
  await runner.close();
  t.true(depth.every((value) => value > 0));
});

test('the mean of differently adjusted models is that of their weights, and is adjusted by the mean', async (t) => {
  await writeTinyModel(folder('plain'), 1);
  await writeTinyModel(folder('raw'), 2);
  await adjustLogits(
    await loadModel(folder('raw')),
    new Map([
      ['person', -1],
      ['car', 3],
    ]),
    { folder: folder('moved') },
    '',
  );
  const models = await Promise.all(['plain', 'moved'].map((name) => loadModel(folder(name))));
  const warnings: string[] = [];
  const manifest = await averageModels(models, { folder: folder('mixed') }, '', (text) =>
    warnings.push(text),
  );
  t.deepEqual(manifest.classAdjustment, { person: -0.5, car: 1.5 });
  t.regex(warnings.join(), /adjusted differently: the mean has the mean of it \(person -0.5, car \+1.5\)/);
  const key = 'segmentation.logits.bias';
  const [a, b, mean] = (await Promise.all(['plain', 'moved', 'mixed'].map(weightsOf))).map((each) =>
    each.get(key),
  );
  t.is(mean?.length, 19);
  // As they run: what is stored has the adjustment.
  t.true(mean?.every((value, i) => Math.abs(value - ((a?.[i] ?? 0) + (b?.[i] ?? 0)) / 2) < 1e-5));
  const same = await averageModels([models[1], models[1]], { folder: folder('same') }, '', () => t.fail());
  t.deepEqual(same.classAdjustment, { person: -1, car: 3 });
});

test('models of another network, one model alone and a folder that is no model are refused by name', async (t) => {
  await writeTinyModel(folder('one'), 1);
  await writeTinyModel(folder('other'), 2, { ...TINY_NETWORK, encoder: [8, 8, 8, 8, 16] });
  const [one, other] = await Promise.all(['one', 'other'].map((name) => loadModel(folder(name))));
  const place = { folder: folder('none') };
  await t.throwsAsync(
    averageModels([one, other], place, '', () => {}),
    {
      message: /one: its `network` is not that of .*other/,
    },
  );
  await t.throwsAsync(
    averageModels([one], place, '', () => {}),
    { message: /at least two models/ },
  );
});

test('models of other canonical cameras have a mean, and a warning says to measure its metres', async (t) => {
  await writeTinyModel(folder('near'), 1);
  await writeTinyModel(folder('far'), 2);
  const [near, far] = await Promise.all(['near', 'far'].map((name) => loadModel(folder(name))));
  const input = { ...near.manifest.input, canonicalFocalPixels: 37 };
  const warnings: string[] = [];
  const models = [{ ...near, manifest: { ...near.manifest, input } }, far];
  await averageModels(models, { folder: folder('between') }, '', (text) => warnings.push(text));
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /near has its metres at another focal length .* 37, .*far has 74/);
});
