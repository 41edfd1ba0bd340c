import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { attentionModule } from '../../../training/networks/attention-module.js';
import {
  type DepthPredictorOptions,
  depthPredictor,
  PAPER_DEPTH_PREDICTOR,
} from '../../../training/networks/depth-predictor.js';
import { instanceNorm } from '../../../training/networks/instance-norm.js';
import { mapDecoder, PAPER_STRUCTURE_DECODER } from '../../../training/networks/map-decoder.js';
import type { Scope } from '../../../training/networks/scope.js';
import { structureEncoder } from '../../../training/networks/structure-encoder.js';
import { correctGradients } from '../../../training/tracer/gradients/correct-gradients.js';
import { disagreement } from '../tracer/disagreement.js';
import { networkCase, parametersOf, slopeError } from './network-case.js';
import { apart, spots, waveImage, waveScope } from './wave-scope.js';

test.before(async () => {
  await tf.setBackend('cpu');
  correctGradients(); // eager TensorFlow.js has none of dilated convolutions
});

const NARROW_PREDICTOR: DepthPredictorOptions = { filters: 2, dilations: [1, 2], blocks: 1, border: 'zero' };
const NARROW_ATTENTION = {
  encoder: [2, 2, 3, 4, 4, 5, 6, 6, 6],
  decoder: { filters: [4, 3, 3], alignCorners: true },
} as const;

/*
 * Computed by PyTorch 1.12 from modules of its own, with the same parameters by formula (`wave-scope.ts`) under the
 * names of the published state dicts: numbers at places (7919 k) mod n of the output, and its mean.
 */
const PYTORCH = {
  encoder: [-0.737847, 0.211466, 0.313407, 0.640763, -0.767675, 0.949444, 0.328829],
  decoder: [0.544912, 0.546877, 0.550173, 0.544901, 0.543866, 0.546239, 0.544873],
  attention: [0.452404, 0.429693, 0.468319, 0.448427, 0.445979, 0.439773, 0.447293],
  predictor: [
    [-0.148318, 0.011185, -0.144795, -0.008436, -0.148195, 0.012996, -0.07494],
    [-0.016169, -0.054619, 0.002191, 0.062226, -0.039479, -0.014775, -0.001829],
    [-0.071415, -0.002492, -0.1092, 0.018206, -0.087314, -0.00952, -0.032943],
    [-0.017592, 0.072973, 0.080184, -0.066764, -0.366333, 0.078769, 0.001787],
  ],
} as const;

test('the structure encoder computes what PyTorch does', (t) => {
  const y = structureEncoder(waveScope(), waveImage(16, 24, 3), { filters: 2, blocks: 2 });
  t.deepEqual(y.shape, [1, 4, 6, 8]);
  const error = apart(spots(y), PYTORCH.encoder);
  t.true(error < 1e-4, `${error}`);
});

test('the structure decoder computes what PyTorch does', (t) => {
  const y = mapDecoder(waveScope(), waveImage(4, 6, 8), { filters: [4, 3], alignCorners: true });
  t.deepEqual(y.shape, [1, 16, 24, 1]);
  const error = apart(spots(y), PYTORCH.decoder);
  t.true(error < 1e-5, `${error}`);
});

test('the attention module computes what PyTorch does', (t) => {
  const y = attentionModule(waveScope(), waveImage(16, 24, 3), NARROW_ATTENTION);
  t.deepEqual(y.shape, [1, 16, 24, 1]);
  const error = apart(spots(y), PYTORCH.attention);
  t.true(error < 1e-5, `${error}`);
});

test('the depth predictor computes what PyTorch does, at all four scales', (t) => {
  const options = { filters: 4, dilations: [1, 3, 5], blocks: 2, border: 'reflection' } as const;
  const outputs = depthPredictor(waveScope(), waveImage(96, 112, 1), options);
  t.deepEqual(
    outputs.map(({ shape }) => shape),
    [
      [1, 12, 14, 1],
      [1, 24, 28, 1],
      [1, 48, 56, 1],
      [1, 96, 112, 1],
    ],
  );
  for (const [scale, output] of outputs.entries()) {
    const error = apart(spots(output), PYTORCH.predictor[scale] ?? []);
    t.true(error < 1e-5, `scale ${scale}: ${error}`);
  }
});

test('names, shapes and their number are those of the published checkpoints', (t) => {
  const encoder = parametersOf((scope, x) => structureEncoder(scope, x), [1, 8, 8, 3]);
  t.is(encoder.trainable, 5_385_856);
  t.deepEqual(encoder.shapes['conv.conv.weight'], [7, 7, 3, 64]);
  t.deepEqual(encoder.shapes['resblock.model.3.conv2.bias'], [256]);
  const decoder = parametersOf((scope, x) => mapDecoder(scope, x, PAPER_STRUCTURE_DECODER), [1, 2, 2, 256]);
  t.is(decoder.trainable, 2_234_049);
  t.deepEqual(decoder.shapes['up2.bn1_2.running_var'], [64]);
  const attention = parametersOf((scope, x) => attentionModule(scope, x), [1, 8, 8, 3]);
  t.is(attention.trainable, 25_259_761);
  const options = { ...PAPER_DEPTH_PREDICTOR, border: 'zero' } as const; // for a small picture
  const predictor = parametersOf((scope, x) => last(depthPredictor(scope, x, options)), [1, 16, 16, 1]);
  t.is(predictor.trainable, 54_558_404);
  t.deepEqual(predictor.shapes['center.0.layer2.1.weight'], [3, 3, 512, 512]);
  t.deepEqual(predictor.shapes['center.3.model.4.weight'], [3, 3, 256, 512], 'stored as [512, 256, 3, 3]');
  t.deepEqual(predictor.shapes['deconv3.model.1.weight'], [3, 3, 257, 256]);
  t.deepEqual(predictor.shapes['output1.model.1.weight'], [7, 7, 33, 1]);
});

test('brightness and contrast of a picture leave no trace in its structure', (t) => {
  const picture = waveImage(16, 24, 3);
  const of = (x: tf.Tensor4D) => structureEncoder(waveScope(), x, { filters: 2, blocks: 1 });
  const difference =
    of(picture)
      .sub(of(picture.mul<tf.Tensor4D>(2.5).add(0.3)))
      .abs()
      .max()
      .dataSync()[0] ?? 1;
  t.true(difference < 1e-3, `${difference}`);
});

test('a pixel of the finest depth sees further than 100 pixels', (t) => {
  const options = { filters: 2, dilations: [1, 3, 5], blocks: 3, border: 'zero' } as const;
  const near = waveImage(16, 256, 1);
  const far = tf.concat(
    [near.slice([0, 0, 0, 0], [1, 16, 128, 1]), tf.ones([1, 16, 128, 1])],
    2,
  ) as tf.Tensor4D;
  const at = (x: tf.Tensor4D) =>
    last(depthPredictor(waveScope(), x, options)).slice([0, 8, 0, 0], [1, 1, 1, 1]);
  t.not(at(near).dataSync()[0], at(far).dataSync()[0]);
});

/** The finest output. */
function last(outputs: readonly tf.Tensor4D[]): tf.Tensor4D {
  return outputs[outputs.length - 1]; // there are four
}

/** All outputs in a row. */
const all = (outputs: readonly tf.Tensor4D[]): tf.Tensor => tf.concat(outputs.map((y) => y.flatten()));

const cases = {
  'structure encoder': networkCase(
    (scope: Scope, x) => structureEncoder(scope, x, { filters: 2, blocks: 1 }),
    [1, 8, 12, 3],
    true,
  ),
  'structure decoder': networkCase(
    (scope: Scope, x) => mapDecoder(scope, x, { filters: [3, 2], alignCorners: true }),
    [2, 2, 3, 4],
    true,
  ),
  'attention module': networkCase(
    (scope: Scope, x) => attentionModule(scope, x, NARROW_ATTENTION),
    [1, 16, 16, 3],
    false, // statistics of the few pixels at 1/8 would be all but undetermined
  ),
  'depth predictor': networkCase(
    (scope: Scope, x) => all(depthPredictor(scope, x, NARROW_PREDICTOR)),
    [2, 16, 32, 2],
    true,
  ),
};

for (const [name, network] of Object.entries(cases)) {
  test(`${name}: a compiled step computes the same`, async (t) => {
    const error = await disagreement(network.fn, network.samples);
    t.true(error < 1e-4, `${error}`);
  });
}

test('structure encoder: gradients agree with finite differences', (t) => {
  const error = slopeError(cases['structure encoder']);
  t.true(error < 2e-2, `${error}`);
});

test('instance normalisation and the up-projection upsample as they are told', (t) => {
  const x = waveImage(2, 3, 4);
  const of = (alignCorners: boolean) =>
    spots(mapDecoder(waveScope(), instanceNorm(waveScope(), x), { filters: [2], alignCorners }));
  t.true(apart(of(true), of(false)) > 1e-5);
});
