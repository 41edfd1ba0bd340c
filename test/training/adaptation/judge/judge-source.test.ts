import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ModelRunner } from '../../../../models/model-runner.js';
import { judgeSource } from '../../../../training/adaptation/judge/judge-source.js';
import { fillWithSimulator } from '../../../../training/datasets/prepare/simulator-samples.js';
import { TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from '../tiny-model.js';

test('AbsRel is lost as the geometric mean over the samples has it, each counting the same', async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-source-'));
  t.teardown(() => rm(root, { recursive: true }));
  const description = {
    source: 'simulator town-clean',
    seed: 6,
    width: TINY_WIDTH,
    height: TINY_HEIGHT,
    count: 4,
  };
  const source = { folder: path.join(root, 'samples'), description };
  await fillWithSimulator({ ...source, domain: 'town-clean', workers: 1 });
  const model = async (name: string, seed: number) => {
    await writeTinyModel(path.join(root, name), seed);
    const opened = await ModelRunner.open(path.join(root, name), 1);
    t.teardown(() => opened.close());
    return opened;
  };
  const [parent, candidate] = [await model('parent', 3), await model('candidate', 8)];
  let [product, parents, candidates] = [1, 0, 0];
  for (let index = 0; index < description.count; index++) {
    const one = await judgeSource(source, { indices: [index], parent, candidate });
    product *= one.candidate.absRel / one.parent.absRel;
    parents += one.parent.absRel;
    candidates += one.candidate.absRel;
  }
  const { absRelLoss } = await judgeSource(source, { indices: [0, 1, 2, 3], parent, candidate });
  const expected = product ** (1 / description.count) - 1;
  t.true(Math.abs(absRelLoss.mean - expected) < 1e-9);
  t.true(
    Math.abs(absRelLoss.mean - (candidates / parents - 1)) > 1e-4,
    'the ratio of the means is another figure',
  );
  t.true(absRelLoss.low < expected && expected < absRelLoss.high);
});
