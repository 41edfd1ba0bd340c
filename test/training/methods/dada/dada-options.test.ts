import test from 'ava';
import { CITYSCAPES_CLASSES } from '../../../../models/class-table.js';
import {
  classSetNamed,
  labelTableOf,
  representativesOf,
  semanticClassesOf,
} from '../../../../training/datasets/classes/class-set-labels.js';
import { dada } from '../../../../training/methods/dada/dada.js';
import { type DadaOptions, networkOf, sharedCount } from '../../../../training/methods/dada/dada-options.js';
import { commandOf, completeOptions } from '../../../../training/runs/complete-options.js';
import { prepareRunData } from '../../../../training/runs/run-data.js';
import { definitionOf } from '../../../../training/runs/run-definition.js';

const optionsOf = (given: object) =>
  completeOptions(dada, { target: 'bag:x', ...given } as object) as unknown as DadaOptions;

test("the paper's preset is the paper's: sizes, classes, rates, weights, steps", (t) => {
  const options = optionsOf({ preset: 'paper' });
  t.deepEqual(
    [options.width, options.height, options.sourceWidth, options.sourceHeight],
    [1024, 512, 1280, 760],
  );
  t.deepEqual([options.learningRate, options.discriminatorRate, options.steps], [2.5e-4, 1e-4, 90_000]);
  t.deepEqual([options.depthWeight, options.adversarialWeight, options.weightDecay], [1e-3, 1e-3, 1e-4]);
  const { trunk, rates, classes, depthScale } = networkOf(options);
  t.deepEqual([trunk.kind, rates, classes, depthScale], ['resnet101', [6, 12, 18, 24], 16, 655.36]);
  t.is(optionsOf({ preset: 'paper-320' }).classes, '7');
  const [phase] = dada.phases(options, {});
  const [networks, discriminator] = phase?.updates ?? [];
  t.is(networks?.optimizer.kind, 'sgd');
  t.is(discriminator?.optimizer.kind, 'adam');
  const at = (step: number) =>
    networks?.learningRate({ step, steps: 90_000, phaseStep: step, phaseSteps: 90_000 });
  t.is(at(0), 2.5e-4);
  t.true(Math.abs((at(45_000) ?? 0) - 2.5e-4 * 0.5 ** 0.9) < 1e-12);
});

test('new layers learn ten times as fast, batch normalisation not at all', (t) => {
  const [phase] = dada.phases(optionsOf({ preset: 'paper' }), {});
  const groups = phase?.updates[0]?.optimizer.groups ?? [];
  const rate = (name: string) => groups.find(({ match }) => match.test(name))?.rate ?? 1;
  t.is(rate('encoder.layer1.0.conv1.weight'), 1);
  for (const name of ['layer1.0.bn3.bias', 'layer2.0.downsample.1.weight', 'bn1.weight', 'blocks.3.bn0.bias'])
    t.is(rate(`encoder.${name}`), 0, name);
  t.is(rate('encoder.layer2.0.downsample.0.weight'), 1);
  for (const name of ['depth.enc4_1.weight', 'segmentation.conv2d_list.0.bias', 'neck.lateral_3.weight'])
    t.is(rate(name), 10, name);
});

test('the rows of table 3 are made of two options, of which the rest follows', (t) => {
  const rows = Object.entries(dada.ablation ?? {}).map(([row, change]) => {
    const options = optionsOf({ preset: 'narrow', ...change });
    const { depth, featureFusion } = networkOf(options);
    const updates = dada.phases(options, {})[0]?.updates.length;
    return [row, depth, featureFusion, updates, dada.hostFields?.(options).length];
  });
  t.deepEqual(rows, [
    ['S1', false, false, 1, 0],
    ['S2', false, false, 2, 2],
    ['S3', true, true, 2, 2],
    ['S4', true, false, 2, 2],
    ['S5', true, true, 2, 2],
    ['S6', true, true, 2, 4],
    ['S7', true, true, 2, 2],
  ]);
});

test('the rows of table 4 are shares of the source, none of which starts from what has seen the whole', (t) => {
  const rows = Object.entries(dada.furtherRows ?? {}).map(([row, change]) => {
    const { sourceShare, adaptation, parent } = optionsOf({ preset: 'narrow', ...change });
    return [row, sourceShare, adaptation, parent, 'parent' in change];
  });
  t.deepEqual(
    rows,
    [0.1, 0.3, 0.5, 0.7, 1].map((share) => [`${100 * share} %`, share, 'fused', undefined, true]),
  );
});

test('class sets of 19, 16, 13 and 7 name their classes and say what becomes of every trainId', (t) => {
  for (const name of ['19', '16', '13', '7']) {
    const set = classSetNamed(name);
    const table = labelTableOf(set);
    t.is(semanticClassesOf(set).length, Number(name));
    t.is(new Set(table.filter((index) => index !== 255)).size, Number(name), 'no index is left out');
    for (const [index, trainId] of representativesOf(set).entries()) t.is(table[trainId], index);
    t.is(table[255], 255);
  }
  const sixteen = labelTableOf(classSetNamed('16'));
  t.deepEqual(
    [sixteen[8], sixteen[9], sixteen[10], sixteen[18]],
    [8, 255, 9, 15],
    'terrain is no class of it',
  );
  const seven = semanticClassesOf(classSetNamed('7'));
  t.deepEqual(
    seven.filter(({ dynamic }) => dynamic).map(({ name }) => name),
    ['human', 'vehicle'],
  );
  t.deepEqual(seven[0]?.color, CITYSCAPES_CLASSES[0]?.color);
  t.throws(() => classSetNamed('12'), { message: /expected `19`, `16`, `13`, `7`, got `12`/ });
});

test('options that cannot be are refused by name, and those given come back as flags', (t) => {
  t.throws(() => optionsOf({ width: 32, height: 32 }), { message: /at least `64x64`/ });
  t.throws(() => optionsOf({ classes: '12' }), { message: /classes/ });
  t.is(sharedCount(10, 0.3), 3);
  t.throws(() => sharedCount(3, 0.1), { message: /--source-share 0\.1: expected at least one of 3/ });
  const command = commandOf(dada, optionsOf({ adaptation: 'both', featureFusion: false, sourceShare: 0.5 }));
  for (const flag of ['--adaptation both', '--no-feature-fusion', '--source-share 0.5', '--size 320x96'])
    t.true(command.includes(flag), `${flag} in ${command}`);
});

test("a drawn ResNet-101 is warned of at the run's start, as its frozen normalisation makes it diverge", async (t) => {
  const warning = dada.drawnWarning?.(optionsOf({ preset: 'paper' })) ?? '';
  t.regex(warning, /--preset paper needs `--init-encoder RESNET101` or `--init RUN`: .* diverges/);
  t.is(dada.drawnWarning?.(optionsOf({ preset: 'narrow' })), undefined);

  const said: string[] = [];
  const warned = { ...dada, drawnWarning: () => warning }; // a small network, to be drawn quickly
  const options = optionsOf({ preset: 'narrow', width: 64, height: 64 });
  await definitionOf(warned, options, { report: (line) => said.push(line) }).start();
  t.deepEqual(said, [`warning: ${warning}`]);
});

test('a target that cannot be read is refused before the source is simulated', async (t) => {
  const said: string[] = [];
  const options = optionsOf({
    preset: 'narrow',
    target: 'bag:/nowhere',
    source: 'simulator:town-clean?samples=2000',
  });
  const preparation = { folder: '/nowhere', report: (line: string) => void said.push(line) };
  await t.throwsAsync(prepareRunData(dada, options, preparation, {}), { message: /\/nowhere/ });
  t.deepEqual(said, []);
});
