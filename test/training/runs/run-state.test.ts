import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { parseRunOptions } from '../../../training/methods/supervised/run-options.js';
import { supervisedDefinition } from '../../../training/methods/supervised/supervised-definition.js';
import { RunState } from '../../../training/runs/run-state.js';
import { temporaryFolder } from '../datasets/samples.js';

const DEFINITION = supervisedDefinition(
  parseRunOptions(
    {
      ...{ domain: 'town-clean', seed: 3, samples: 4, validation: 1, sampleWidth: 64, sampleHeight: 48 },
      ...{ batchSize: 1, stages: [{ width: 32, height: 32, steps: 3 }], preset: 'compact' },
      ...{ learningRate: 1e-3, weightDecay: 1e-4, segmentationWeight: 0.1 },
    },
    'test',
  ),
);

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Gradients of all trainable parameters that depend on nothing but `step`. */
function update(state: RunState, step: number): void {
  const trainable = [...state.parameters].filter(([, { spec }]) => spec.trainable);
  const values = Object.fromEntries(trainable.map(([name, { values }]) => [name, values]));
  const gradients = Object.fromEntries(
    trainable.map(([name, { values }]) => [name, values.map((_, i) => Math.sin(step + i))]),
  );
  state.optimizer.update(values, gradients, 0.01);
}

test('a saved state is read back exactly, also after steps that updated nothing', async (t) => {
  const checkpoint = path.join(folder, 'checkpoint');
  const state = await RunState.open(checkpoint, DEFINITION);
  update(state, 0);
  update(state, 1);
  state.step = 5; // three steps were not finite and changed nothing
  state.trainedSeconds = 1 / 3;
  state.metrics = { absRel: 0.1, meanIou: Number.NaN, delta1: Number.NEGATIVE_INFINITY };
  await state.save();
  const restored = await RunState.open(checkpoint, DEFINITION);
  t.is(restored.step, 5);
  t.is(restored.optimizer.steps, 2);
  t.is(restored.trainedSeconds, 1 / 3);
  t.deepEqual(restored.metrics, state.metrics);
  // Whatever comes next is the same.
  for (const each of [state, restored]) update(each, 2);
  for (const [name, { values }] of state.parameters) {
    t.deepEqual(restored.parameters.get(name)?.values, values, name);
  }
});

test('a checkpoint of before the updates were counted counts every step, a damaged one is refused by name', async (t) => {
  const checkpoint = path.join(folder, 'older');
  await mkdir(checkpoint);
  await (await RunState.open(path.join(folder, 'fresh'), DEFINITION)).save();
  for (const name of ['weights.safetensors', 'optimizer.safetensors']) {
    await writeFile(path.join(checkpoint, name), await readFile(path.join(folder, 'fresh', name)));
  }
  const file = path.join(checkpoint, 'state.json');
  await writeFile(file, '{ "step": 7, "trainedSeconds": 2, "metrics": { "meanIou": null } }');
  const older = await RunState.open(checkpoint, DEFINITION);
  t.deepEqual([older.step, older.optimizer.steps, older.metrics], [7, 7, { meanIou: Number.NaN }]);
  for (const damaged of ['{ "step": 7', '{ "step": -1, "trainedSeconds": 2 }', '{ "trainedSeconds": 2 }']) {
    await writeFile(file, damaged);
    await t.throwsAsync(RunState.open(checkpoint, DEFINITION), {
      name: 'TrainingError',
      message: /older\/state\.json is damaged: .*delete the checkpoint/s,
    });
  }
});
