import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { asTensors } from '../../../../training/datasets/batches/batch-schema.js';
import {
  adversarialLoss,
  DA_MONODEPTH_BATCH,
  type DaMonodepthLossOptions,
  daMonodepthLoss,
  depthLoss,
  multiScaleCrossEntropy,
} from '../../../../training/methods/da-monodepth/da-monodepth-loss.js';
import { Scope } from '../../../../training/networks/scope.js';
import { stepParameters } from '../../../../training/runs/step-parameters.js';
import { compileTrainingStep } from '../../../../training/tracer/compile-training-step.js';
import { parameterValues } from '../../../../training/weights/parameter-inputs.js';
import { gradientError } from '../../losses/gradients.js';
import { tensorsOf } from '../sgdepth/sgdepth-step.js';
import { drawnBatch, type Feed, startingParameters, TINY } from './da-monodepth-step.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const number = (x: tf.Tensor | undefined): number => x?.dataSync()[0] ?? Number.NaN;
const near = (a: number, b: number, tolerance = 1e-5): boolean => Math.abs(a - b) < tolerance;

test('eq. 1 by hand: two source places told with odds of 3 to 1 and 1 to 1, a target place with 1 to 4', (t) => {
  const logits = tf.tensor4d([Math.log(3), 0, Math.log(4), Math.log(4)], [2, 1, 2, 1]);
  const { loss, accuracy } = adversarialLoss(logits, 1);
  // -<log 3/4, log 1/2> - log(1 - 4/5)
  t.true(near(number(loss), -(Math.log(0.75) + Math.log(0.5)) / 2 - Math.log(0.2)));
  t.is(number(accuracy), 0.25, 'half of the source is told right, nothing of the target');
  t.is(number(adversarialLoss(tf.tensor4d([1, 1, -1, 1], [2, 1, 2, 1]), 1).accuracy), 0.75);
});

test('eq. 5 by hand: the cross-entropies of all scales, upsampled, are summed; what is unlabelled does not count', (t) => {
  const labels = tf.tensor3d([0, 1, 255, 0], [1, 2, 2], 'int32');
  const fine = tf.tensor4d([0, Math.log(3), 0, Math.log(3), 9, -9, 0, 0], [1, 2, 2, 2]);
  const coarse = tf.tensor4d([Math.log(4), 0], [1, 1, 1, 2]);
  // Fine: probabilities of the true classes 1/4, 3/4, 1/2; coarse: 4/5, 1/5, 4/5.
  const expected = -(Math.log(0.25 * 0.75 * 0.5) + Math.log(0.8 * 0.2 * 0.8)) / 3;
  t.true(near(number(multiScaleCrossEntropy([fine, coarse], labels)), expected));
});

test('eq. 4 by hand: a uniform output at each of two scales, its smoothness costs nothing', (t) => {
  const [logit, truth] = [0, 0.2];
  // sigma = 1/2 between 1/80 and 1.
  const predicted = (1 + 1 / 80) / 2;
  const c1 = 1e-4;
  const structure = (1 - (2 * predicted * truth + c1) / (predicted ** 2 + truth ** 2 + c1)) / 2;
  const output = (side: number) => tf.fill<tf.Rank.R4>([1, side, side, 1], logit);
  const loss = depthLoss(
    [output(4), output(2)],
    {
      image: tf.randomUniform<tf.Rank.R4>([1, 4, 4, 3], -2, 2, 'float32', 1),
      disparity: tf.fill<tf.Rank.R4>([1, 4, 4, 1], truth),
      weight: tf.fill<tf.Rank.R4>([1, 4, 4, 1], 0.3), // the sky's, which counts as all else
    },
    { ...TINY, l1Share: 0.25 },
  );
  t.true(near(number(loss), 2 * (0.75 * structure + 0.25 * (predicted - truth)), 5e-5));
});

const inputsOf = (batch: Readonly<Record<string, Feed>>) =>
  Object.fromEntries(
    Object.entries(batch).map(([name, { shape, dtype, data }]) => [name, tf.tensor(data, [...shape], dtype)]),
  );

function lossOf(
  weights: Readonly<Record<string, tf.Tensor>>,
  batch: Readonly<Record<string, tf.Tensor | undefined>>,
  options: DaMonodepthLossOptions = TINY,
) {
  return daMonodepthLoss(Scope.over(weights, true), asTensors(DA_MONODEPTH_BATCH, batch), options);
}

test('eq. 6: the losses are summed by their weights; without target images or classes their part is missing', (t) => {
  const weights = tensorsOf(startingParameters());
  const { targetImage, reversal, ...source } = inputsOf(drawnBatch());
  const { loss, metrics = {} } = lossOf(weights, { ...source, targetImage, reversal });
  const expected =
    number(metrics.depth) + 0.2 * number(metrics.segmentation) + 0.5 * number(metrics.adversarial);
  t.true(near(number(loss), expected, 1e-4));
  t.deepEqual(Object.keys(metrics), ['depth', 'segmentation', 'adversarial', 'domainAccuracy']);
  t.deepEqual(Object.keys(lossOf(weights, source).metrics ?? {}), ['depth', 'segmentation']);
  const alone = { ...TINY, network: { ...TINY.network, classes: 0 } };
  t.deepEqual(Object.keys(lossOf(weights, source, alone).metrics ?? {}), ['depth']);
});

test.serial('compiled and eager steps agree on loss, metrics and every gradient', async (t) => {
  const parameters = startingParameters();
  const batch = drawnBatch();
  const step = await compileTrainingStep({
    parameters: stepParameters(parameters),
    batch: Object.fromEntries(
      Object.entries(batch).map(([name, { shape, dtype }]) => [name, { shape: [...shape], dtype }]),
    ),
    loss: (weights, tensors) => {
      const { loss, metrics = {} } = lossOf(weights, tensors);
      return { loss, metrics, updates: {} };
    },
    options: { threads: 1 },
  });
  const data = Object.fromEntries(Object.entries(batch).map(([name, feed]) => [name, feed.data]));
  const compiled = await step.step(parameterValues(parameters), data);
  const weights = tensorsOf(parameters);
  const tensors = inputsOf(batch);
  const { loss, metrics = {} } = lossOf(weights, tensors);
  t.true(near(number(loss), compiled.loss, 1e-4 * compiled.loss));
  for (const [name, metric] of Object.entries(metrics)) {
    t.true(near(number(metric), compiled.metrics[name] ?? Number.NaN, 1e-3), name);
  }
  const names = [...parameters].filter(([, { spec }]) => spec.trainable).map(([name]) => name);
  const xs = names.map((name) => weights[name] as tf.Tensor);
  const { grads } = tf.engine().gradients(() => lossOf(weights, tensors).loss, xs, undefined, true);
  const norms = grads.map((gradient) => number(gradient.norm()));
  const least = 1e-3 * Math.max(...norms);
  for (const [i, name] of names.entries()) {
    const gradient = grads[i] as tf.Tensor;
    const stored = gradient.rank === 4 ? gradient.transpose([3, 2, 0, 1]) : gradient;
    const [a, b] = [stored.dataSync(), compiled.gradients[name] ?? new Float32Array()];
    const error = Math.hypot(...Array.from(a, (x, k) => x - (b[k] ?? 0))) / Math.max(norms[i] ?? 0, least);
    t.true(error < 2e-3, `${name}: ${error}`);
  }
  await step.close();
});

test('the reversal turns the adversary round for the encoder and leaves the classifier alone', (t) => {
  const weights = tensorsOf(startingParameters());
  const batch = inputsOf(drawnBatch());
  const only = { ...TINY, depthWeight: 0, segmentationWeight: 0, adversarialWeight: 1 };
  const [encoder, classifier] = ['encoder.conv1.weight', 'domain.0.weight'];
  const gradients = (reversal: number) => {
    const loss = (...xs: tf.Tensor[]): tf.Scalar =>
      lossOf(
        { ...weights, [encoder]: xs[0] as tf.Tensor, [classifier]: xs[1] as tf.Tensor },
        { ...batch, reversal: tf.scalar(reversal) },
        only,
      ).loss;
    return tf.grads(loss)([weights[encoder] as tf.Tensor, weights[classifier] as tf.Tensor]);
  };
  const [half, whole, none] = [gradients(0.5), gradients(1), gradients(0)];
  const difference = (a: tf.Tensor | undefined, b: tf.Tensor | undefined, factor: number) =>
    number((a ?? tf.scalar(0)).sub((b ?? tf.scalar(0)).mul(factor)).norm()) / number(b?.norm());
  t.true(difference(half[0], whole[0], 0.5) < 1e-4);
  t.is(number(none[0]?.norm()), 0);
  t.true(difference(half[1], whole[1], 1) < 1e-5);
  // Downhill for the classifier is uphill for the encoder: a step along its gradient makes the loss larger.
  const value = (x: tf.Tensor) =>
    number(lossOf({ ...weights, [encoder]: x }, { ...batch, reversal: tf.scalar(1) }, only).loss);
  const at = weights[encoder] as tf.Tensor;
  const downhill = (whole[0] as tf.Tensor).div(whole[0]?.norm() ?? 1).mul(0.02);
  t.true(value(at.sub(downhill)) > value(at.add(downhill)));
});

test('gradients of eq. 1, 4 and 5 agree with finite differences', (t) => {
  const wave = (shape: number[], size = 1) =>
    tf.tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => size * Math.sin(1.7 * i)),
      shape,
    );
  const image = wave([1, 4, 6, 3]) as tf.Tensor4D;
  const disparity = wave([1, 4, 6, 1], 0.3).add(0.5) as tf.Tensor4D;
  const weight = tf.ones<tf.Rank.R4>([1, 4, 6, 1]);
  const labels = tf.tensor3d(
    Array.from({ length: 24 }, (_, i) => i % 3),
    [1, 4, 6],
    'int32',
  );
  const fine = wave([1, 4, 6, 1]) as tf.Tensor4D;
  const losses: [string, number[], (x: tf.Tensor) => tf.Scalar][] = [
    ['adversarial', [3, 2, 2, 1], (x) => adversarialLoss(x as tf.Tensor4D, 1).loss],
    ['depth', [1, 2, 3, 1], (x) => depthLoss([fine, x as tf.Tensor4D], { image, disparity, weight }, TINY)],
    ['segmentation', [1, 2, 3, 3], (x) => multiScaleCrossEntropy([x as tf.Tensor4D], labels)],
  ];
  for (const [name, shape, loss] of losses) {
    const error = gradientError(loss, wave(shape), 5e-3);
    t.true(error < 2e-2, `${name}: ${error}`);
  }
});
