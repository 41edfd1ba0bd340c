import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import type { ParameterSpec } from '../../../training/networks/scope.js';
import { checkpointAdjustment, type RunDefinition, RunState } from '../../../training/runs/run-state.js';
import { initialParameters } from '../../../training/weights/parameters.js';
import { temporaryFolder } from '../datasets/samples.js';

const SPECS: ParameterSpec[] = ['net.weight', 'net.bias'].map((name) => ({
  ...{ name, shape: [3], initializer: { kind: 'fanInUniform', fanIn: 3 }, trainable: true },
}));
const DEFINITION: RunDefinition = {
  specs: SPECS,
  optimizers: { generator: { kind: 'adam' }, discriminator: { kind: 'sgd', momentum: 0.9 } },
  start: () => ({ parameters: initialParameters(SPECS, 3) }),
};

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Gradients of all trainable parameters that depend on nothing but `step`. */
function update(state: RunState, step: number): void {
  const trainable = [...state.parameters].filter(([, { spec }]) => spec.trainable);
  const values = Object.fromEntries(trainable.map(([name, { values }]) => [name, values]));
  const gradients = Object.fromEntries(
    trainable.map(([name, { values }]) => [name, values.map((_, i) => Math.sin(step + i))]),
  );
  for (const optimizer of Object.values(state.optimizers)) optimizer.update(values, gradients, 0.01);
}

test('a saved state is read back exactly, also after steps that updated nothing', async (t) => {
  const checkpoint = path.join(folder, 'checkpoint');
  const state = await RunState.open(checkpoint, DEFINITION);
  update(state, 0);
  update(state, 1);
  state.step = 5; // three steps were not finite and changed nothing
  state.trainedSeconds = 1 / 3;
  state.metrics = { absRel: 0.1, meanIou: Number.NaN, delta1: Number.NEGATIVE_INFINITY };
  state.plan = [4, 6];
  state.facts = { source: { count: 3, classCounts: [1, 2] } };
  state.host = { overlaps: { of: Float32Array.of(0.5, Number.NaN), threshold: Float32Array.of(1 / 0) } };
  await state.save();
  const restored = await RunState.open(checkpoint, DEFINITION);
  t.is(restored.step, 5);
  t.deepEqual(
    Object.values(restored.optimizers).map(({ steps }) => steps),
    [2, 2],
  );
  t.deepEqual([restored.plan, restored.facts, restored.host], [state.plan, state.facts, state.host]);
  t.deepEqual([restored.steps, restored.isComplete], [10, false]);
  t.is(restored.trainedSeconds, 1 / 3);
  t.deepEqual(restored.metrics, state.metrics);
  // Whatever comes next is the same.
  for (const each of [state, restored]) update(each, 2);
  for (const [name, { values }] of state.parameters) {
    t.deepEqual(restored.parameters.get(name)?.values, values, name);
  }
});

test('what the model added to its logits that a run started from is kept with it', async (t) => {
  const checkpoint = path.join(folder, 'adjusted');
  const start = () => ({ parameters: initialParameters(SPECS, 3), classAdjustment: { person: -0.7 } });
  await (await RunState.open(checkpoint, { ...DEFINITION, start })).save();
  t.deepEqual((await RunState.open(checkpoint, DEFINITION)).classAdjustment, { person: -0.7 });
  t.deepEqual((await RunState.read(checkpoint, SPECS)).classAdjustment, { person: -0.7 });
  t.deepEqual(await checkpointAdjustment(checkpoint), { person: -0.7 });
});

test('what is exported needs no optimizer, and a damaged state is refused by name', async (t) => {
  const checkpoint = path.join(folder, 'other');
  const state = await RunState.open(checkpoint, DEFINITION);
  state.step = 7;
  await state.save();
  for (const name of ['optimizer-generator', 'optimizer-discriminator', 'host']) {
    await rm(path.join(checkpoint, `${name}.safetensors`));
  }
  const file = path.join(checkpoint, 'state.json');
  await writeFile(file, '{ "step": 7, "trainedSeconds": 2, "metrics": { "meanIou": null } }');
  const exported = await RunState.read(checkpoint, SPECS);
  t.deepEqual([exported.step, exported.metrics], [7, { meanIou: Number.NaN }]);
  t.deepEqual(exported.parameters, state.parameters);
  for (const damaged of ['{ "step": 7', '{ "step": -1, "trainedSeconds": 2 }', '{ "trainedSeconds": 2 }']) {
    await writeFile(file, damaged);
    await t.throwsAsync(RunState.read(checkpoint, SPECS), {
      name: 'TrainingError',
      message: /other\/state\.json is damaged: .*delete the checkpoint/s,
    });
  }
});
