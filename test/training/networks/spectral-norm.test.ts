import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { conv2d } from '../../../training/networks/layers.js';
import { Scope } from '../../../training/networks/scope.js';
import { spectralNorm } from '../../../training/networks/spectral-norm.js';
import { inventingScope } from './eager-scope.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

/** A 1x1 filter whose matrix has the singular values 3, 2 and 1: a diagonal matrix, its inputs and outputs rotated. */
function filterWithSigmaThree(): tf.Tensor4D {
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const rotation = tf.tensor2d([c, -s, 0, s, c, 0, 0, 0, 1], [3, 3]);
  const diagonal = tf.tensor2d([3, 0, 0, 0, 2, 0, 0, 0, 1], [3, 3]);
  return tf.matMul(tf.matMul(rotation, diagonal), rotation).reshape([1, 1, 3, 3]);
}

test('after some steps the filter is divided by its largest singular value', (t) => {
  const weight = filterWithSigmaThree();
  let state = tf.tensor1d([0.2, 0.9, -0.4]);
  for (let step = 0; step < 25; step++) {
    const scope = Scope.over({ weight_u: state }, true);
    spectralNorm(scope, weight);
    state = scope.updates().weight_u as tf.Tensor1D;
  }
  t.true(Math.abs((state.norm().dataSync()[0] ?? 0) - 1) < 1e-5);
  const difference = spectralNorm(Scope.over({ weight_u: state }, false), weight).sub(weight.div(3));
  t.true((difference.abs().max().dataSync()[0] ?? 1) < 1e-5);
});

test('a convolution asks for the state beside its filter, which the host replaces from step to step', (t) => {
  const { scope, specs } = inventingScope(true);
  conv2d(scope.child('head'), tf.ones([1, 4, 4, 2]), { filters: 3, kernel: 3, spectral: true });
  const state = specs.get('head.weight_u');
  t.deepEqual(state?.shape, [3]);
  t.false(state?.trainable);
  t.true(state?.replaced);
  t.deepEqual(Object.keys(scope.updates()), ['head.weight_u']);
});
