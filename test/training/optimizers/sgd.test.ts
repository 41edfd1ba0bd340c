import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { Sgd } from '../../../training/optimizers/sgd.js';

const start = [0.5, -1.25, 3, 0.01];
const gradientOf = (step: number): number[] => start.map((_, i) => Math.sin(step * 1.3 + i) * 10 ** (i - 2));

/** Largest relative difference of the weights after ten steps on the same gradients. */
function difference(reference: tf.Optimizer, sgd: Sgd): number {
  const variable = tf.variable(tf.tensor1d(start));
  const w = Float32Array.from(start);
  for (let step = 0; step < 10; step++) {
    reference.applyGradients([{ name: variable.name, tensor: tf.tensor1d(gradientOf(step)) }]);
    sgd.update({ w }, { w: Float32Array.from(gradientOf(step)) }, 0.02);
  }
  const expected = variable.dataSync();
  return Math.max(...w.map((value, i) => Math.abs(value - expected[i]) / Math.abs(expected[i])));
}

test('gives the weights that TensorFlow.js gives on the same gradients, with every kind of momentum', async (t) => {
  await tf.setBackend('cpu');
  t.true(difference(tf.train.sgd(0.02), new Sgd()) < 1e-5);
  t.true(difference(tf.train.momentum(0.02, 0.9), new Sgd({ momentum: 0.9 })) < 1e-5);
  t.true(difference(tf.train.momentum(0.02, 0.9, true), new Sgd({ momentum: 0.9, nesterov: true })) < 1e-5);
});

test('goes on from a restored state as if it had never stopped', (t) => {
  const whole = { w: Float32Array.from(start) };
  const sgd = new Sgd({ momentum: 0.9 });
  for (let step = 0; step < 6; step++) sgd.update(whole, { w: Float32Array.from(gradientOf(step)) }, 0.01);
  const parts = { w: Float32Array.from(start) };
  const first = new Sgd({ momentum: 0.9 });
  for (let step = 0; step < 3; step++) first.update(parts, { w: Float32Array.from(gradientOf(step)) }, 0.01);
  const second = new Sgd({ momentum: 0.9 });
  second.restore(first.save());
  for (let step = 3; step < 6; step++) second.update(parts, { w: Float32Array.from(gradientOf(step)) }, 0.01);
  t.deepEqual(parts, whole);
});

test('clips all gradients by their common norm and adds the penalty of weight decay', (t) => {
  const values = { a: Float32Array.of(0), b: Float32Array.of(0) };
  new Sgd({ clipNorm: 5 }).update(values, { a: Float32Array.of(30), b: Float32Array.of(40) }, 1);
  t.deepEqual([values.a[0], values.b[0]], [-3, -4]);
  const w = Float32Array.of(2);
  new Sgd({ weightDecay: 0.5 }).update({ w }, { w: Float32Array.of(1) }, 0.25);
  t.is(w[0], 1.5);
});
