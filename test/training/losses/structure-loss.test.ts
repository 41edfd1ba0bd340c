import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { pyramidL1Loss } from '../../../training/losses/pyramid-l1-loss.js';
import { type StructureLossOptions, structureLoss } from '../../../training/losses/structure-loss.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const square = (...values: number[]) => tf.tensor4d(values, [1, 2, 2, 1]);
const scalar = (x: tf.Scalar): number => x.dataSync()[0];
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;
const PRINTED: StructureLossOptions = { beta: 0.5, gradient: 'sum' };

test('a worked example: structure costs less the steeper the depth is', (t) => {
  const structure = square(1, 0.5, 0.25, 0.8);
  const depth = square(1, 3, 0, 7);
  // To the right: 2, 0, 7, 0; below: -1, 4, 0, 0. Their sums: 1, 4, 7, 0; of magnitudes 3, 4, 7, 0.
  const exp = Math.exp;
  const printed = (1 * exp(-0.5) + 0.5 * exp(-2) + 0.25 * exp(-3.5) + 0.8) / 4;
  t.true(near(scalar(structureLoss(structure, depth, tf.onesLike(depth), PRINTED)), printed));
  const code = (1 * exp(-1.5) + 0.5 * exp(-2) + 0.25 * exp(-3.5) + 0.8) / 4;
  const options = { ...PRINTED, gradient: 'absolute' } as const;
  t.true(near(scalar(structureLoss(structure, depth, tf.onesLike(depth), options)), code));
});

test('unknown depth neither counts nor makes an edge', (t) => {
  const structure = square(1, 1, 1, 1);
  const depth = square(5, 5, 5, 1e4);
  const known = square(1, 1, 1, 0);
  t.true(near(scalar(structureLoss(structure, depth, known, PRINTED)), 1));
  t.is(scalar(structureLoss(structure, depth, tf.zerosLike(depth), PRINTED)), 0);
});

test('in the unit of -1..1 a beta of 0.001 weighs every pixel alike; in centimetres edges are free', (t) => {
  const structure = square(1, 1, 1, 1);
  const normalised = square(-1, 1, -1, 1); // from here to 80 m
  const at = (depth: tf.Tensor4D) =>
    scalar(structureLoss(structure, depth, tf.onesLike(depth), { beta: 1e-3, gradient: 'absolute' }));
  t.true(at(normalised) > 0.998);
  t.true(near(at(normalised.mul(4000)), (1 + 1) / 2 - (1 - Math.exp(-8)) / 2));
});

test('a worked example over scales: means of the known pixels stand for coarser truth', (t) => {
  const truth = square(1, 2, 3, 8);
  const known = square(1, 1, 1, 0);
  const finest = square(1, 1, 1, 1); // errors 0, 1, 2
  const coarse = tf.tensor4d([5], [1, 1, 1, 1]); // of 2
  t.true(near(scalar(pyramidL1Loss([coarse, finest], truth, known)), 3 + 1));
  t.is(scalar(pyramidL1Loss([coarse, finest], truth, tf.zerosLike(known))), 0);
});

test('the gradients agree with finite differences', (t) => {
  const structure = square(1, 0.5, -0.25, 0.8);
  const depth = square(1, 3, 0, 7);
  const known = tf.onesLike(depth);
  const byStructure = (x: tf.Tensor) => structureLoss(x as tf.Tensor4D, depth, known, PRINTED);
  t.true(gradientError(byStructure, structure, 0.05) < 1e-3);
  const byDepth = (x: tf.Tensor) => pyramidL1Loss([x as tf.Tensor4D], depth, known);
  t.true(gradientError(byDepth, structure, 0.05) < 1e-3);
});

test('compiled steps compute the same', async (t) => {
  const shape = [2, 4, 4, 1];
  const samples = { m: floats(shape), d: floats(shape, (value) => 3 * value) };
  for (const gradient of ['sum', 'absolute'] as const) {
    const error = await disagreement(({ m, d }) => {
      const depth = d as tf.Tensor4D;
      return structureLoss(m as tf.Tensor4D, depth, tf.onesLike(depth), { beta: 0.5, gradient });
    }, samples);
    t.true(error < 1e-4, `${gradient}: ${error}`);
  }
  const error = await disagreement(({ m, d }) => {
    const [fine, truth] = [m as tf.Tensor4D, d as tf.Tensor4D];
    const known = truth.greater(-1).toFloat() as tf.Tensor4D;
    return pyramidL1Loss([fine, tf.avgPool(fine, 2, 2, 'valid')], truth, known);
  }, samples);
  t.true(error < 1e-4, `${error}`);
});

test('shapes that do not fit are refused by name', (t) => {
  const refused = (of: () => unknown) => t.throws(of, { name: 'TrainingError' })?.message ?? '';
  const two = square(1, 2, 3, 4);
  t.regex(
    refused(() => structureLoss(two, tf.ones([1, 2, 1, 1]), two, PRINTED)),
    /^depth: .*W = 2/,
  );
  t.regex(
    refused(() => structureLoss(two, two, tf.ones([1, 2, 2, 3]), PRINTED)),
    /^known: /,
  );
  t.regex(
    refused(() => pyramidL1Loss([tf.ones([1, 2, 1, 1])], two, two)),
    /^predicted\[0\]: expected .*2x2.*got 2x1/,
  );
});
