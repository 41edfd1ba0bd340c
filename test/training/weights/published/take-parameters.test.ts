import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { PAPER_POSE_NETWORK, poseNetwork } from '../../../../training/networks/pose-network.js';
import { type ParameterSpec, Scope } from '../../../../training/networks/scope.js';
import { PAPER_NETWORK } from '../../../../training/networks/sgdepth-network.js';
import { networkParameters } from '../../../../training/weights/network-parameters.js';
import { openPublished } from '../../../../training/weights/published/open-published.js';
import { isComplete, reportText } from '../../../../training/weights/published/report-text.js';
import { takeParameters } from '../../../../training/weights/published/take-parameters.js';
import { readCheckpoint } from '../../../../training/weights/pytorch/read-checkpoint.js';
import { floats, legacyCheckpoint, type Written, zipCheckpoint } from '../pytorch/write-checkpoint.js';
import { expanded, monodepth2Rows, sgdepthRows, stateOf, valueAt } from './published-files.js';

const SPECS = networkParameters(PAPER_NETWORK);
const DEPTH_SPECS = SPECS.filter(({ name }) => !name.startsWith('segmentation.'));

const sgdepth = (state: ReadonlyMap<string, Written>) =>
  openPublished(new Map([['model.pth', readCheckpoint(legacyCheckpoint(state), 'model.pth')]]));

function monodepth2(parts: readonly ('encoder' | 'depth' | 'pose_encoder' | 'pose')[]) {
  const rows = monodepth2Rows();
  return openPublished(
    new Map(
      parts.map((part) => {
        const state = stateOf(rows[part]);
        if (part === 'encoder') state.set('height', 320).set('width', 1024).set('use_stereo', true);
        return [part, readCheckpoint(zipCheckpoint(state), part)];
      }),
    ),
  );
}

test("SGDepth's file fills every parameter, the shared convolution those of both decoders", (t) => {
  const rows = sgdepthRows();
  const { layout, tensors, width, height } = sgdepth(stateOf(rows));
  t.deepEqual([layout.name, width, height], ['sgdepth', 640, 192]);
  const { parameters, report } = takeParameters(tensors, layout, SPECS);
  t.true(isComplete(report), reportText(report));
  t.deepEqual([...parameters.keys()].sort(), SPECS.map(({ name }) => name).sort());
  for (const [i, { name }] of rows.entries()) {
    const values = name === undefined ? undefined : parameters.get(name)?.values;
    if (values !== undefined)
      t.true(
        values.every((value) => value === valueAt(i)),
        name,
      );
  }
  const shared = parameters.get('depth.upconv_4_0.weight')?.values;
  t.deepEqual(parameters.get('segmentation.upconv_4_0.weight')?.values, shared);
  t.not(parameters.get('segmentation.upconv_4_0.weight')?.values, shared, 'each can be trained on its own');
  t.deepEqual([report.extra, report.missing, report.wrongShape], [[], [], []]);
  t.regex(reportText(report), /taken: 142 tensors for 144 parameters/);
  t.regex(reportText(report), /left out: 6 tensors \(coarser disparity/);
});

test("Monodepth2's files fill encoder and depth decoder and say the size and the use of stereo", (t) => {
  const rows = monodepth2Rows();
  const { layout, tensors, width, height, stereo } = monodepth2(['encoder', 'depth', 'pose_encoder', 'pose']);
  t.deepEqual([layout.name, width, height, stereo], ['monodepth2', 1024, 320, true]);
  t.deepEqual(layout.mean, [0.45, 0.45, 0.45]);
  const { parameters, report } = takeParameters(tensors, layout, DEPTH_SPECS);
  t.true(isComplete(report), reportText(report));
  for (const [i, { name }] of [...rows.encoder.entries(), ...rows.depth.entries()]) {
    if (name === undefined) continue;
    t.true(
      parameters.get(name)?.values.every((value) => value === valueAt(i)),
      name,
    );
  }
  t.deepEqual(report.extra, []);
  t.regex(reportText(report), /left out: 4 tensors \(classifier/);
});

test('filters keep their order of elements', (t) => {
  const values = Array.from({ length: 16 * 9 }, (_, i) => i / 7);
  const state = stateOf(sgdepthRows()).set('depth.multires.convs.0.weight', floats(values, [1, 16, 3, 3]));
  const { layout, tensors } = sgdepth(state);
  const { parameters } = takeParameters(tensors, layout, SPECS);
  const { spec, values: taken } = parameters.get('depth.dispconv_0.weight') ?? {};
  t.deepEqual(spec?.shape, [3, 3, 16, 1]); // TensorFlow's order; stored as PyTorch's
  t.deepEqual(taken, Float32Array.from(values));
});

test('of 20 class rows the first 19 are taken, another number is refused', (t) => {
  const rows = (count: number) => Array.from({ length: count }, (_, i) => i);
  const take = (count: number) => {
    const bias = floats(rows(count), [count]);
    const { layout, tensors } = sgdepth(stateOf(sgdepthRows()).set('seg.multires.convs.0.bias', bias));
    return takeParameters(tensors, layout, SPECS);
  };
  for (const count of [19, 20]) {
    const { parameters, report } = take(count);
    t.deepEqual([...(parameters.get('segmentation.logits.bias')?.values ?? [])], rows(19));
    t.is(
      report.taken.find(({ key }) => key.endsWith('convs.0.bias') && key.startsWith('seg'))?.note !==
        undefined,
      count === 20,
    );
  }
  const { report } = take(16);
  t.false(isComplete(report));
  t.regex(
    reportText(report),
    /wrong shape: 1\n {2}seg\.multires\.convs\.0\.bias has shape \[16\], segmentation\.logits\.bias needs \[19\]/,
  );
});

test('what is missing, extra, twice there, of another shape or not finite is named', (t) => {
  const state = stateOf(sgdepthRows());
  state.delete('common.encoder.encoder.layer2.0.bn1.bias');
  state.set('surprise', expanded(1, [2]));
  state.set('depth.decoder.blocks.step_0.conv.bias', expanded(1, [256])); // also in common
  state.set('common.encoder.encoder.bn1.bias', expanded(1, [32]));
  state.set('depth.multires.convs.0.bias', expanded(Number.NaN, [1]));
  const { layout, tensors } = sgdepth(state);
  const { report } = takeParameters(tensors, layout, SPECS);
  t.deepEqual(report.missing, ['encoder.layer2.0.bn1.bias']);
  t.deepEqual(report.extra, ['surprise']);
  t.deepEqual(report.twice, ['depth.upconv_4_0.bias']);
  t.deepEqual(
    report.wrongShape.map(({ name }) => name),
    ['encoder.bn1.bias'],
  );
  t.deepEqual(report.notFinite, ['depth.multires.convs.0.bias']);
  t.false(isComplete(report));
});

test('half precision is widened and double precision rounded, and the report says so', (t) => {
  const state = stateOf(sgdepthRows());
  state.set('depth.multires.convs.0.bias', {
    storage: 'HalfStorage',
    bytes: Uint8Array.of(0, 0x3c),
    length: 1,
    shape: [1],
  });
  const third = {
    storage: 'DoubleStorage',
    bytes: new Uint8Array(Float64Array.of(1 / 3).buffer),
    length: 1,
    shape: [64],
    strides: [0],
  };
  state.set('common.encoder.encoder.bn1.bias', third);
  const { layout, tensors } = sgdepth(state);
  const { parameters, report } = takeParameters(tensors, layout, SPECS);
  t.deepEqual(parameters.get('depth.dispconv_0.bias')?.values, Float32Array.of(1));
  t.is(parameters.get('encoder.bn1.bias')?.values[63], Math.fround(1 / 3));
  t.regex(reportText(report), /1 tensors from float16 to float32\n/);
  t.regex(reportText(report), /1 tensors from float64 to float32, rounded/);
});

test("pose networks map onto this project's, whose output has a constant factor that SGDepth's lacks", (t) => {
  const specs: ParameterSpec[] = [];
  const scope = new Scope((spec) => {
    specs.push(spec);
    return tf.zeros([...spec.shape]);
  }, false);
  const image = tf.zeros<tf.Rank.R4>([1, 32, 32, 3]);
  poseNetwork(scope, image, image, PAPER_POSE_NETWORK);
  for (const published of [sgdepth(stateOf(sgdepthRows())), monodepth2(['pose', 'pose_encoder'])]) {
    const { parameters, report } = takeParameters(published.tensors, published.layout, specs);
    t.deepEqual([report.missing, report.wrongShape], [[], []]);
    const last = published.tensors.find(
      ({ key }) => key === 'pose.decoder.conv_3.bias' || key === 'net.3.bias',
    );
    const factor = published.layout.name === 'sgdepth' ? 100 : 1;
    const expected = Math.fround((last?.floats()[0] ?? 0) * factor);
    t.deepEqual(parameters.get('pose.conv_2.bias')?.values, new Float32Array(6).fill(expected));
  }
});

test('other networks are refused with the reason', (t) => {
  const deeper = stateOf(sgdepthRows()).set(
    'common.encoder.encoder.layer1.0.conv3.weight',
    expanded(1, [256, 64, 1, 1]),
  );
  t.throws(() => sgdepth(deeper), {
    name: 'TrainingError',
    message: /deeper ResNet.*`common\.encoder\.encoder\.layer1\.0\.conv3\.weight`.*ResNet-18/,
  });
  t.throws(() => sgdepth(new Map([['fc.weight', expanded(1, [3, 3])]])), {
    name: 'TrainingError',
    message: /expected the weights of SGDepth .*Monodepth2 .*S2R-DepthNet .* or DADA .*found `fc\.weight`/,
  });
});
