import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { loadModel } from '../../../models/model-store.js';
import type { LearningContext } from '../../../training/adaptation/adaptation-method.js';
import { CandidateKeeper } from '../../../training/adaptation/learning/candidate-keeper.js';
import { adjustLogits } from '../../../training/perception-graph/adjust-logits.js';
import { averageModels } from '../../../training/perception-graph/average-models.js';
import { loadWeights } from '../../../training/perception-graph/load-weights.js';
import { resizeModel } from '../../../training/perception-graph/resize-model.js';
import { tensorValues } from '../../../training/weights/parameters.js';
import { decodeSafetensors } from '../../../training/weights/safetensors.js';
import { TINY_HEIGHT, TINY_NETWORK, TINY_WIDTH, writeTinyModel } from '../adaptation/tiny-model.js';

const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-whole-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));
const place = (name: string) => path.join(folder, name);

const POSE = { encoder: [4, 4, 5, 6, 8], channels: 6 } as const;

/** Names and values of the pose network in a model's weights. */
async function poseOf(model: string): Promise<Map<string, Buffer>> {
  const { tensors } = decodeSafetensors(await readFile(path.join(model, 'weights.safetensors')), model);
  const own = [...tensors].filter(([name]) => /^pose(_encoder)?\./.test(name));
  return new Map(own.map(([name, { bytes }]) => [name, Buffer.from(bytes)]));
}

async function biasOf(model: string): Promise<Float32Array> {
  const { tensors } = decodeSafetensors(await readFile(path.join(model, 'weights.safetensors')), model);
  const bias = tensors.get('segmentation.logits.bias');
  return bias === undefined ? new Float32Array() : tensorValues(bias);
}

test.before(async () => {
  await writeTinyModel(place('with'), 3, TINY_NETWORK, POSE);
  await writeTinyModel(place('without'));
});

test('a pose network stays with a model that is resized, moved in its logits, averaged or adapted', async (t) => {
  const model = await loadModel(place('with'));
  const pose = await poseOf(place('with'));
  t.true(pose.size > 40, `${pose.size} tensors`);
  await resizeModel(model, { folder: place('resized') }, (TINY_WIDTH * TINY_HEIGHT) / 2);
  await adjustLogits(model, new Map([['road', -1]]), { folder: place('adjusted') }, 'none');
  await averageModels([model, model], { folder: place('mean') }, 'none', () => {});
  const context = {
    ...{ parent: model, domains: ['town-clean'], elapsed: () => 0 },
    options: {
      ...{ version: 4, bags: ['drive'], command: 'none', settings: { seed: 1 } },
      ...{ work: { checkpoints: place('checkpoints') }, signal: new AbortController().signal },
    },
  } as unknown as LearningContext; // what is asked for
  const kept = await CandidateKeeper.create(context, await loadWeights(model), 'adapted');
  const [adapted] = (await kept.finish(7)) ?? [];
  for (const made of [place('resized'), place('adjusted'), place('mean'), adapted?.folder ?? '']) {
    t.deepEqual(await poseOf(made), pose, made);
    t.deepEqual((await loadModel(made)).manifest.network.options.pose, POSE, made);
  }
});

test('what a model adds to its logits stays with a model that is resized, averaged or adapted, and is added once', async (t) => {
  const added = { person: -0.7, car: 0.25 };
  await adjustLogits(
    await loadModel(place('without')),
    new Map(Object.entries(added)),
    { folder: place('moved') },
    '',
  );
  const model = await loadModel(place('moved'));
  await resizeModel(model, { folder: place('moved-resized') }, (TINY_WIDTH * TINY_HEIGHT) / 2);
  await averageModels([model, model], { folder: place('moved-mean') }, 'none', () => t.fail());
  const loaded = await loadWeights(model);
  const context = {
    ...{ parent: model, domains: ['town-clean'], elapsed: () => 0 },
    options: {
      ...{ version: 4, bags: ['drive'], command: 'none', settings: { seed: 1 } },
      ...{ work: { checkpoints: place('moved-checkpoints') }, signal: new AbortController().signal },
    },
  } as unknown as LearningContext; // what is asked for
  const kept = await CandidateKeeper.create(context, loaded, 'adapted');
  const [untouched] = (await kept.finish(1)) ?? [];
  for (const made of ['moved-resized', 'moved-mean', path.relative(folder, untouched?.folder ?? '')]) {
    t.deepEqual((await loadModel(place(made))).manifest.classAdjustment, added, made);
    const [bias, before] = [await biasOf(place(made)), await biasOf(place('moved'))];
    t.true(
      bias.every((value, i) => Math.abs(value - (before[i] ?? Number.NaN)) < 1e-5),
      made,
    );
  }
  // Learning moves what was learned: 11 is person.
  const values = loaded.parameters.get('segmentation.logits.bias')?.values ?? new Float32Array(19);
  const start = (await biasOf(place('without')))[11] ?? Number.NaN;
  t.true(Math.abs((values[11] ?? 0) - start) < 1e-5, 'it is learned without');
  values[11] = 2;
  await kept.keep(2);
  t.true(Math.abs(((await biasOf(place('moved-checkpoints/00002')))[11] ?? 0) - 1.3) < 1e-5);
});

test('what is trained further are the depth and the segmentation network alone', async (t) => {
  const { parameters, network, pose } = await loadWeights(await loadModel(place('with')));
  t.deepEqual(
    [...parameters.keys()].filter((name) => name.startsWith('pose')),
    [],
  );
  t.false('pose' in network);
  t.deepEqual(pose?.options, POSE);
  const { parameters: plain } = await loadWeights(await loadModel(place('without')));
  t.deepEqual([...parameters.keys()], [...plain.keys()]);
});
