import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import type { ParameterSpec } from '../../../training/networks/scope.js';
import { readStartingWeights } from '../../../training/runs/starting-weights.js';
import { encodeParameters, initialParameters } from '../../../training/weights/parameters.js';
import { temporaryFolder } from '../datasets/samples.js';

const NETWORK_PARTS = ['encoder', 'depth', 'segmentation', 'pose_encoder', 'pose'];
const root = temporaryFolder();
test.after.always(() => rm(root, { recursive: true, force: true }));

const spec = (name: string, size = 2): ParameterSpec => ({
  ...{ name, shape: [size], trainable: true },
  initializer: { kind: 'constant', value: 1 },
});

function folderOf(name: string, specs: readonly ParameterSpec[]): string {
  const folder = path.join(root, name);
  mkdirSync(folder, { recursive: true });
  const { bytes } = encodeParameters(initialParameters(specs, 1), 'F32', {});
  writeFileSync(path.join(folder, 'weights.safetensors'), bytes);
  return folder;
}

const WANTED = [
  spec('encoder.a'),
  spec('encoder.b'),
  spec('depth.a'),
  spec('depth.b'),
  spec('pose_encoder.a'),
];

test('an encoder that fits in part is refused: training would begin with half of it', async (t) => {
  const other = folderOf('other', [spec('encoder.a'), spec('encoder.b', 3), spec('depth.a')]);
  await t.throwsAsync(readStartingWeights(other, WANTED, { networks: NETWORK_PARTS }), {
    message: /other: expected all of `encoder`, but 1 of its 2 parameters .*`encoder\.b`.*--init-parts/,
  });
  const taken = await readStartingWeights(other, WANTED, { networks: ['depth'] });
  t.deepEqual([...taken.parameters.keys()], ['depth.a']);
});

test('a whole encoder is taken beside parts of decoders, and without a pose network', async (t) => {
  const fitting = folderOf('fitting', [spec('encoder.a'), spec('encoder.b'), spec('depth.a')]);
  const taken = await readStartingWeights(fitting, WANTED, { networks: NETWORK_PARTS });
  t.deepEqual([...taken.parameters.keys()], ['encoder.a', 'encoder.b', 'depth.a']);
});

test('a network that nothing of the run trains has to be there, whole', async (t) => {
  const partial = folderOf('partial', [spec('encoder.a'), spec('encoder.b'), spec('depth.a')]);
  const asked = (required: readonly string[]) =>
    readStartingWeights(partial, WANTED, { networks: NETWORK_PARTS, required });
  await t.throwsAsync(asked(['depth']), {
    message: /partial: expected all of `depth`, but 1 of its 2 parameters/,
  });
  await t.throwsAsync(asked(['pose_encoder']), { message: /expected all of `pose_encoder`/ });
  t.is((await asked(['encoder'])).parameters.size, 3);
});
