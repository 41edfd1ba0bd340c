import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ModelRunner } from '../../../models/model-runner.js';
import { loadModel } from '../../../models/model-store.js';
import { resizeModel } from '../../../training/perception-graph/resize-model.js';
import { median } from '../../../vision/median.js';
import { writeTinyModel } from '../adaptation/tiny-model.js';

const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-resize-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const width = 256;
const height = 128;
const picture = {
  width,
  height,
  rgb: Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 37) % 256),
};
const intrinsics = { fx: 150, fy: 150, cx: 127.5, cy: 63.5 };

async function medianDepth(model: string): Promise<number> {
  const runner = await ModelRunner.open(model, 1);
  const { depth: depthMeters } = await runner.run(picture, intrinsics);
  await runner.close();
  return median([...depthMeters]);
}

test('a resized model has the same weights and sees another number of pixels', async (t) => {
  const original = path.join(folder, 'original');
  await writeTinyModel(original);
  const model = await loadModel(original);
  const large = path.join(folder, 'large');
  const small = path.join(folder, 'small');
  await resizeModel(model, { folder: large }, width * height);
  await resizeModel(model, { folder: small }, (width * height) / 4);

  const { manifest } = await loadModel(small);
  t.is(manifest.input.pixels, (width * height) / 4);
  t.is(manifest.input.canonicalFocalPixels, model.manifest.input.canonicalFocalPixels);
  t.deepEqual(manifest.files['weights.safetensors'], model.manifest.files['weights.safetensors']);
  t.deepEqual(manifest.provenance, model.manifest.provenance);
  // The tiny model sees about the same depth everywhere at the canonical focal length; at half the width a camera has half the
  // focal length in network pixels, so the same answer means half the depth.
  const ratio = (await medianDepth(large)) / (await medianDepth(small));
  t.true(Math.abs(ratio - 2) < 0.25, String(ratio));
});

test('too few pixels are refused before anything is written', async (t) => {
  const original = path.join(folder, 'another');
  await writeTinyModel(original);
  await t.throwsAsync(resizeModel(await loadModel(original), { folder: path.join(folder, 'none') }, 100), {
    name: 'TrainingError',
    message: /`pixels` of at least 4096, got 100/,
  });
});
