import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ModelRunner } from '../../../models/model-runner.js';
import { loadModel } from '../../../models/model-store.js';
import { adjustLogits } from '../../../training/perception-graph/adjust-logits.js';
import { writeTinyModel } from '../adaptation/tiny-model.js';

const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-adjust-'));
test.after.always(() => rm(root, { recursive: true, force: true }));
const folder = (name: string) => path.join(root, name);

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
  t.regex(manifest.provenance.method, /logits adjusted: road -60, person \+60$/);
  const [before, after] = [await run('road'), await run('person')];
  t.true(before.labels?.every((label) => label === 0));
  t.true(after.labels?.every((label) => label === 11));
  t.deepEqual(after.depth, before.depth);
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
