import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { parseManifest } from '../../../models/manifest.js';
import { ModelRunner } from '../../../models/model-runner.js';
import { loadModel } from '../../../models/model-store.js';
import { adjustLogits } from '../../../training/perception-graph/adjust-logits.js';
import { decodeSafetensors } from '../../../training/weights/safetensors.js';
import { writeTinyModel } from '../adaptation/tiny-model.js';

const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-adjust-'));
test.after.always(() => rm(root, { recursive: true, force: true }));
const folder = (name: string) => path.join(root, name);

/** By the file format's own rules. */
async function biasOf(name: string): Promise<Float32Array> {
  const bytes = await readFile(path.join(folder(name), 'weights.safetensors'));
  const bias = decodeSafetensors(bytes, name).tensors.get('segmentation.logits.bias');
  return new Float32Array(bias?.bytes.slice().buffer as ArrayBuffer);
}

async function run(name: string) {
  const runner = await ModelRunner.open(folder(name), 1);
  const rgb = Uint8Array.from({ length: 128 * 64 * 3 }, (_, i) => (i * 7919) % 251);
  const seen = await runner.run({ width: 128, height: 64, rgb }, { fx: 74, fy: 74, cx: 63.5, cy: 31.5 });
  await runner.close();
  return seen;
}

test('a class that is made likely is seen instead, and depth stays bit for bit', async (t) => {
  // The tiny model says road (trainId 0) everywhere, by 50 nats; person is trainId 11 of Cityscapes.
  await writeTinyModel(folder('road'));
  const manifest = await adjustLogits(
    await loadModel(folder('road')),
    new Map([
      ['road', -60],
      ['person', 60],
    ]),
    { folder: folder('person') },
    'rxdepth model adjust-classes',
  );
  t.deepEqual(manifest.classAdjustment, { road: -60, person: 60 });
  const [before, after] = [await run('road'), await run('person')];
  t.true(before.labels?.every((label) => label === 0));
  t.true(after.labels?.every((label) => label === 11));
  t.deepEqual(after.depth, before.depth);
});

test('adjusting twice adds up, and the opposite takes it back, in the weights and in the manifest', async (t) => {
  await writeTinyModel(folder('once'));
  const steps: [string, Record<string, number>, Record<string, number>][] = [
    ['twice', { person: -0.7, car: 0.25 }, { person: -0.7, car: 0.25 }],
    ['thrice', { person: -0.5 }, { person: -1.2, car: 0.25 }],
    ['back', { person: 1.2, car: -0.25 }, {}],
  ];
  const before = await biasOf('once');
  let from = 'once';
  for (const [name, added, sum] of steps) {
    const model = await loadModel(folder(from));
    const manifest = await adjustLogits(model, new Map(Object.entries(added)), { folder: folder(name) }, '');
    t.deepEqual(manifest.classAdjustment, sum);
    // 11 and 13 are person and car of Cityscapes.
    const expected = before.map(
      (value, i) => value + ((i === 11 ? sum.person : i === 13 ? sum.car : 0) ?? 0),
    );
    const found = await biasOf(name);
    t.true(
      found.every((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)) < 1e-5),
      name,
    );
    from = name;
  }
});

test('an older folder says it in its method: it is adjusted further from there, and says it in the field from then on', async (t) => {
  await writeTinyModel(folder('old'));
  const { manifest, ...model } = await loadModel(folder('old'));
  const provenance = { ...manifest.provenance, method: 'supervised; logits adjusted: person -0.7, car -0.3' };
  const old = { ...model, manifest: { ...manifest, provenance } };
  const made = await adjustLogits(old, new Map([['person', -0.1]]), { folder: folder('new') }, '');
  t.deepEqual(made.classAdjustment, { person: -0.8, car: -0.3 });
  t.is(made.provenance.method, 'supervised');
  const [before, after] = [await biasOf('old'), await biasOf('new')];
  t.true(Math.abs((after[11] ?? 0) - (before[11] ?? 0) + 0.1) < 1e-5);
  t.true(Math.abs((after[13] ?? 0) - (before[13] ?? 0)) < 1e-5);
});

test('a manifest that adjusts a class that it has not is refused', async (t) => {
  await writeTinyModel(folder('wrong'));
  const { manifest } = await loadModel(folder('wrong'));
  t.throws(() => parseManifest({ ...manifest, classAdjustment: { people: -1 } }, 'here'), {
    message: /here is not a valid model manifest.*expected names of `classes` alone.*classAdjustment/s,
  });
  t.notThrows(() => parseManifest({ ...manifest, classAdjustment: { person: -1 } }, 'here'));
});

test('a class that the model has not is refused with those that it has', async (t) => {
  await writeTinyModel(folder('plain'));
  const model = await loadModel(folder('plain'));
  await t.throwsAsync(adjustLogits(model, new Map([['people', -1]]), { folder: folder('none') }, ''), {
    message: /plain has no class `people`; it has `road`, .*`person`/,
  });
});

test('a model without classes is refused', async (t) => {
  await writeTinyModel(folder('depth-only'));
  const { manifest, ...model } = await loadModel(folder('depth-only'));
  await t.throwsAsync(
    adjustLogits(
      { ...model, manifest: { ...manifest, classes: [] } },
      new Map([['person', -1]]),
      { folder: folder('none') },
      '',
    ),
    { message: /it has no segmentation/ },
  );
});
