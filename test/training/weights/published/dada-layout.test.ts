import test from 'ava';
import { dadaOutputs } from '../../../../training/networks/dada-network.js';
import { dadaNetworkOf } from '../../../../training/perception-graph/import/import-dada.js';
import { declaredParameters } from '../../../../training/weights/network-parameters.js';
import { storedShape } from '../../../../training/weights/parameters.js';
import { DADA_LAYOUT } from '../../../../training/weights/published/dada-layout.js';
import type { Layout } from '../../../../training/weights/published/layout.js';
import { openPublished } from '../../../../training/weights/published/open-published.js';
import { isComplete, reportText } from '../../../../training/weights/published/report-text.js';
import { takeParameters } from '../../../../training/weights/published/take-parameters.js';
import { readCheckpoint } from '../../../../training/weights/pytorch/read-checkpoint.js';
import { floats, type Written, zipCheckpoint } from '../pytorch/write-checkpoint.js';
import { expanded, sgdepthRows, stateOf } from './published-files.js';

/** Narrow: the same names. */
const TRUNK = { kind: 'resnet101', strideIn: '1x1', widths: [4, 8, 8, 12, 16] } as const;

/** As the authors' code names its parameters, from DeepLab's and DADA's papers: independent of the layout. */
function published(name: string): string {
  return name
    .replace(/^encoder\./, '')
    .replace(/^depth\./, '')
    .replace(/^segmentation\./, 'layer6.');
}

const open = (state: ReadonlyMap<string, Written>, named?: Layout['name']) =>
  openPublished(new Map([['model.pth', readCheckpoint(zipCheckpoint(state), 'model.pth')]]), named);

/** A narrow checkpoint, and the parameters of a network of its classes. */
function checkpoint(classes: number, prefix = '') {
  const head = new Map([['layer6.conv2d_list.0.bias', expanded(0, [classes])]]);
  const network = dadaNetworkOf({ published: open(head) }, TRUNK);
  const specs = declaredParameters((scope, image) => dadaOutputs(scope, image, network));
  const state = new Map<string, Written>(
    specs.map((spec, i) => [`${prefix}${published(spec.name)}`, expanded(i + 1, storedShape(spec.shape))]),
  );
  state.set(`${prefix}bn1.num_batches_tracked`, expanded(7, [1]));
  state.set(`${prefix}layer5.conv2d_list.0.weight`, expanded(7, [classes, 16, 3, 3]));
  return { network, specs, state };
}

for (const [classes, prefix] of [
  [16, ''],
  [7, 'module.'],
] as const) {
  test(`a checkpoint of ${classes} classes fills every parameter${prefix && ', wrapped or not'}`, (t) => {
    const { network, specs, state } = checkpoint(classes, prefix);
    t.is(network.classes, classes);
    const { layout, tensors, width, height } = open(state);
    t.is(layout, DADA_LAYOUT);
    t.deepEqual([width, height], [1024, 512]);
    const { parameters, report } = takeParameters(tensors, layout, specs);
    t.true(isComplete(report), reportText(report));
    t.deepEqual(report.extra, []);
    for (const [i, { name }] of specs.entries())
      t.true(parameters.get(name)?.values.every((value) => value === i + 1) === true, name);
    t.regex(reportText(report), /left out: 1 tensors \(counter of a batch norm/);
    t.regex(reportText(report), /left out: 1 tensors \(classifier of another level/);
  });
}

test('the first filter sees red, green, blue, its file blue, green, red', (t) => {
  const { specs, state } = checkpoint(16);
  const shape = [4, 3, 7, 7];
  const values = Array.from({ length: 4 * 3 * 49 }, (_, i) => i);
  const { layout, tensors } = open(new Map([...state, ['conv1.weight', floats(values, shape)]]));
  const { parameters } = takeParameters(tensors, layout, specs);
  const taken = parameters.get('encoder.conv1.weight')?.values ?? [];
  const at = (filter: number, channel: number, tap: number) => (filter * 3 + channel) * 49 + tap;
  for (const [filter, channel, tap] of [
    [0, 0, 0],
    [3, 1, 5],
    [2, 2, 48],
  ] as const)
    t.is(taken[at(filter, channel, tap)], at(filter, 2 - channel, tap));
  const [red, green, blue] = layout.mean;
  t.deepEqual(
    [red, green, blue].map((mean) => Math.round(mean * 255 * 1e6) / 1e6),
    [122.678914, 116.668768, 104.006988],
  );
});

test('another number of classes, or none, is refused by the tensor that tells', (t) => {
  const of = (state: ReadonlyMap<string, Written>) => () => dadaNetworkOf({ published: open(state) });
  t.throws(of(new Map([['layer6.conv2d_list.0.bias', expanded(0, [20])]])), {
    message: /layer6\.conv2d_list\.0\.bias`: expected 19, 16, 13 or 7 classes, got 20/,
  });
  t.throws(of(new Map([['layer6.conv2d_list.1.bias', expanded(0, [16])]])), { message: /got none/ });
});

test('a layout that does not fit is told with the one that does', (t) => {
  const { state } = checkpoint(16);
  t.throws(() => open(state, 'sgdepth'), {
    message:
      /model\.pth: `--layout sgdepth` fits 0 of \d+ tensors, `--layout dada` \(DADA\) fits \d+: give that one/,
  });
  t.throws(() => open(stateOf(sgdepthRows()), 'dada'), {
    message: /`--layout sgdepth` \(SGDepth\) fits \d{3}/,
  });
  t.is(open(state, 'dada').layout, DADA_LAYOUT);
});

test('a tensor of another shape is named before the parameters that are missing', (t) => {
  const { specs, state } = checkpoint(16);
  state.set('layer6.conv2d_list.2.weight', expanded(1, [16, 16, 3, 3, 1]));
  state.delete('enc4_1.weight');
  state.set('surprise', expanded(1, [2]));
  const { layout, tensors } = open(state);
  const { report } = takeParameters(tensors, layout, specs);
  t.regex(
    reportText(report),
    /^wrong shape: 1\n {2}layer6\.conv2d_list\.2\.weight has shape \[16, ?16, ?3, ?3, ?1\], segmentation\S+ needs \[[\d, ]+\]\nmissing: 1\n {2}enc4_1\.weight\nextra/,
  );
});
