import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ModelRunner } from '../../../models/model-runner.js';
import { loadModel } from '../../../models/model-store.js';
import { scaleDepth } from '../../../training/perception-graph/scale-depth.js';
import { writeTinyModel } from '../adaptation/tiny-model.js';

const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-scale-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const [width, height] = [256, 128];
const picture = {
  width,
  height,
  rgb: Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 37) % 256),
};

async function depthMeters(model: string): Promise<Float32Array> {
  const runner = await ModelRunner.open(model, 1);
  const { depth } = await runner.run(picture, { fx: 150, fy: 150, cx: 127.5, cy: 63.5 });
  await runner.close();
  return depth;
}

test('every depth is so many times as large, and the weights stay', async (t) => {
  const [original, scaled] = [path.join(folder, 'original'), path.join(folder, 'scaled')];
  await writeTinyModel(original);
  const model = await loadModel(original);
  await scaleDepth(model, { folder: scaled }, 0.8, 'scale');
  const { manifest } = await loadModel(scaled);
  t.deepEqual(manifest.files['weights.safetensors'], model.manifest.files['weights.safetensors']);
  t.deepEqual(manifest.provenance.encoder, model.manifest.provenance.encoder);
  t.is(manifest.provenance.command, 'scale');
  const [before, after] = [await depthMeters(original), await depthMeters(scaled)];
  t.true(before.some((z) => Number.isFinite(z)));
  t.true(before.every((z, i) => (Number.isFinite(z) ? Math.abs(after[i] / z - 0.8) < 1e-5 : after[i] === z)));
});

test('a factor that is none is refused before anything is written', async (t) => {
  const original = path.join(folder, 'another');
  await writeTinyModel(original);
  const model = await loadModel(original);
  for (const factor of [0, -1, 1000, Number.NaN])
    await t.throwsAsync(scaleDepth(model, { folder: path.join(folder, 'none') }, factor, ''), {
      name: 'TrainingError',
      message: /`--factor` from 0.1 to 10/,
    });
});
