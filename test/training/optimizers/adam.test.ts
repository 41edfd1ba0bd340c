import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { Adam } from '../../../training/optimizers/adam.js';

test('gives the weights that TensorFlow.js gives on the same gradients', (t) => {
  const start = [0.5, -1, 2, 0.001];
  const gradients = [
    [0.1, -0.2, 3, 0],
    [0.3, 0.2, -1, 1e-3],
    [-0.5, 0.1, 0.2, 2e-3],
  ];
  const variable = tf.variable(tf.tensor1d(start), true, 'adam-test');
  const reference = tf.train.adam(0.01, 0.9, 0.999, 1e-8);
  const values = { w: Float32Array.from(start) };
  const adam = new Adam();
  for (const gradient of gradients) {
    reference.applyGradients([{ name: 'adam-test', tensor: tf.tensor1d(gradient) }]);
    adam.update(values, { w: Float32Array.from(gradient) }, 0.01);
  }
  const expected = variable.dataSync();
  for (const [i, value] of values.w.entries())
    t.true(Math.abs(value - (expected[i] ?? 0)) < 1e-5, `${value} ${expected[i]}`);
});

test('goes on from a restored state as if it had never stopped', (t) => {
  const gradient = (step: number) => ({ w: Float32Array.from([Math.sin(step), Math.cos(step)]) });
  const whole = { w: Float32Array.from([1, 2]) };
  const adam = new Adam({ weightDecay: 0.1 });
  for (let step = 0; step < 10; step++) adam.update(whole, gradient(step), 0.1);

  const parts = { w: Float32Array.from([1, 2]) };
  const first = new Adam({ weightDecay: 0.1 });
  for (let step = 0; step < 4; step++) first.update(parts, gradient(step), 0.1);
  const second = new Adam({ weightDecay: 0.1 });
  second.restore(first.save());
  for (let step = 4; step < 10; step++) second.update(parts, gradient(step), 0.1);
  t.deepEqual(parts, whole);
});

test('clips all gradients by their common norm', (t) => {
  const values = { a: Float32Array.of(0), b: Float32Array.of(0) };
  const clipped = new Adam({ clipNorm: 1, beta1: 0, beta2: 0, epsilon: 1 });
  // Norm 5, clipped to 1: gradients 0.6 and 0.8; with both betas 0 the step is g / (|g| + 1).
  clipped.update(values, { a: Float32Array.of(3), b: Float32Array.of(4) }, 1);
  t.true(Math.abs((values.a[0] ?? 0) + 0.6 / 1.6) < 1e-6);
  t.true(Math.abs((values.b[0] ?? 0) + 0.8 / 1.8) < 1e-6);
});

test('weight decay spares biases and normalisation', (t) => {
  const values = {
    'conv.weight': Float32Array.of(1),
    'conv.bias': Float32Array.of(1),
    'bn1.weight': Float32Array.of(1),
  };
  const zero = {
    'conv.weight': Float32Array.of(0),
    'conv.bias': Float32Array.of(0),
    'bn1.weight': Float32Array.of(0),
  };
  new Adam({ weightDecay: 0.5 }).update(values, zero, 0.1);
  t.deepEqual(
    Object.values(values).map((v) => v[0]),
    [Math.fround(0.95), 1, 1],
  );
});

test('arrays of any length are updated to the last element, as the formulas say', (t) => {
  for (const length of [1, 7, 8191, 8192, 20003]) {
    const draw = (phase: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7 + phase));
    const values = { w: draw(0) };
    const [expected, first, second] = [
      Float64Array.from(values.w),
      new Float64Array(length),
      new Float64Array(length),
    ];
    const adam = new Adam({ weightDecay: 0.01 });
    for (let step = 1; step <= 3; step++) {
      const gradient = draw(step);
      adam.update(values, { w: gradient }, 0.01);
      for (const [i, g] of gradient.entries()) {
        first[i] = 0.9 * first[i] + 0.1 * g;
        second[i] = 0.999 * second[i] + 0.001 * g * g;
        const rate =
          (0.01 * (first[i] / (1 - 0.9 ** step))) / (Math.sqrt(second[i] / (1 - 0.999 ** step)) + 1e-8);
        expected[i] = expected[i] * (1 - 0.01 * 0.01) - rate;
      }
    }
    const worst = Math.max(...values.w.map((value, i) => Math.abs(value - (expected[i] ?? 0))));
    t.true(worst < 1e-6, `${length}: ${worst}`);
  }
});
