import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ModelRunner } from '../../../../models/model-runner.js';
import { judgeLook } from '../../../../training/adaptation/judge/judge-look.js';
import { judgeSource } from '../../../../training/adaptation/judge/judge-source.js';
import { fillWithSimulator } from '../../../../training/datasets/prepare/simulator-samples.js';
import { TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from '../tiny-model.js';

test('samples are judged in the looks of the given pictures, with their own truth, and always alike', async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-look-'));
  t.teardown(() => rm(root, { recursive: true }));
  const set = async (domain: string, count: number) => {
    const description = {
      source: `simulator ${domain}`,
      seed: 5,
      width: TINY_WIDTH,
      height: TINY_HEIGHT,
      count,
    };
    const store = { folder: path.join(root, domain), description };
    await fillWithSimulator({ ...store, domain, workers: 1 });
    return { ...store, indices: Array.from({ length: count }, (_, i) => i) };
  };
  const source = await set('town-clean', 3);
  const other = await set('town-camera', 2);
  await writeTinyModel(path.join(root, 'model'));
  const model = await ModelRunner.open(path.join(root, 'model'), 1);
  t.teardown(() => model.close());
  const plain = await judgeSource(source, { indices: source.indices, parent: model, candidate: model });
  const figures = await judgeLook({ ...other, frames: [1, 0] }, source, model, model);
  t.is(figures.samples, 3);
  t.deepEqual(figures.absRelLoss, { mean: 0, low: 0, high: 0 }, 'the same model');
  t.not(figures.parent.absRel, plain.parent.absRel, 'it sees other pictures');
  t.true(Math.abs(figures.parent.absRel / plain.parent.absRel - 1) < 0.5, 'of the same scenes');
  t.deepEqual(await judgeLook({ ...other, frames: [1, 0] }, source, model, model), figures);
});
