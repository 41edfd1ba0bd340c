import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { crfLikelihood, crfMap } from '../../../training/losses/crf-likelihood.js';
import { type CnnCrfOptions, cnnCrf, cnnCrfDepth, nodeMeans } from '../../../training/networks/cnn-crf.js';
import { Scope } from '../../../training/networks/scope.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { networkCase, parametersOf, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const OPTIONS: CnnCrfOptions = {
  superpixels: { cell: 8, compactness: 10, iterations: 3 },
  ...{ patch: 8, patchScale: 2, filters: 2 },
};
const [H, W] = [16, 24];
const wave = (length: number, at: (i: number) => number) => Float32Array.from({ length }, (_, i) => at(i));
const image = () =>
  tf.tensor4d(
    wave(H * W * 3, (i) => 0.9 * Math.sin(0.37 * i + 0.002 * i * i)),
    [1, H, W, 3],
  );

/** Some number for each place of a parameter, the same in the reference. */
const referenceScope = () =>
  new Scope(
    ({ name, shape }) =>
      tf.tensor(
        wave(tf.util.sizeFromShape([...shape]), (i) => 0.3 * Math.sin(0.7 * i + name.length)),
        [...shape],
      ),
    false,
  );

const near = (value: number | undefined, expected: number, within: number) =>
  Math.abs((value ?? Number.NaN) - expected) < within;

test('unary terms, the most probable depths and the likelihood are those of a construction in PyTorch and NumPy', (t) => {
  const crf = cnnCrf(referenceScope(), image(), OPTIONS);
  // Superpixels pixel by pixel, nn.Conv2d on cut patches, numpy.linalg.solve; double precision.
  const unary = [-0.52398737, -0.51389412, -0.51856452, -0.51318276, -0.51119555, -0.51503104];
  const map = [-0.51809946, -0.51501443, -0.51702, -0.51535225, -0.51408898, -0.51628023];
  const [z, y] = [crf.unary, crfMap(crf)].map((x) => [...x.dataSync()]);
  t.true(
    unary.every((value, i) => near(z?.[i], value, 2e-5)),
    `${z}`,
  );
  t.true(
    map.every((value, i) => near(y?.[i], value, 2e-5)),
    `${y}`,
  );
  const depth = cnnCrfDepth(referenceScope(), image(), OPTIONS).dataSync();
  const at = (row: number, column: number) => depth[row * W + column];
  const expected = [at(0, 0), at(7, 9), at(12, 20), at(15, 23)];
  const pixels = [-0.51535225, -0.518099456, -0.51408898, -0.51408898];
  t.true(
    pixels.every((value, i) => near(expected[i], value, 2e-5)),
    `${expected}`,
  );
  const truth = tf.tensor2d(
    wave(6, (i) => 0.1 * Math.sin(1 + i)),
    [1, 6],
  );
  const { loss } = crfLikelihood(crf, { truth, observed: tf.ones([1, 6]) });
  t.true(near(loss.dataSync()[0], 0.278025758, 1e-4));
});

test('the CNN is shared by all superpixels; two weights tie neighbours, never below 0', (t) => {
  const { shapes, trainable } = parametersOf((scope, x) => cnnCrf(scope, x, OPTIONS).unary, [1, H, W, 3]);
  t.is(trainable, 6405, "PyTorch's layers, and the two pairwise weights");
  t.deepEqual(shapes['unary.head_0.weight'], [4, 4, 2, 128]);
  t.deepEqual(shapes['pairwise.weight'], [2]);
  const other = parametersOf((scope, x) => cnnCrf(scope, x, OPTIONS).unary, [1, 2 * H, 2 * W, 3]);
  t.is(other.trainable, trainable);
  const scope = new Scope(
    ({ name, shape }) => (name === 'pairwise.weight' ? tf.fill([2], -50) : tf.ones([...shape])),
    false,
  );
  const { pairwise, pairwiseSquares } = cnnCrf(scope, image(), OPTIONS);
  t.true([...pairwise.dataSync()].every((value) => value >= 0 && value < 1e-6));
  t.true((pairwiseSquares.dataSync()[0] ?? -1) >= 0);
});

test('neighbours that look alike are tied more strongly', (t) => {
  const { scope } = inventingScope(false);
  // Three cells beside each other: two dark ones, a bright one.
  const grey = wave(8 * 24 * 3, (i) => (Math.floor(i / 3) % 24 < 16 ? -0.5 : 0.7));
  const { pairwise, found } = cnnCrf(scope, tf.tensor4d(grey, [1, 8, 24, 3]), OPTIONS);
  t.deepEqual([found.rows, found.columns], [1, 3]);
  const r = pairwise.arraySync()[0] ?? [];
  // Equal: beta_1 + beta_2 = 2 softplus(-2.25); else grey differs by 0.6 and histograms by sqrt(2).
  const beta = Math.log1p(Math.exp(-2.25));
  t.true(near(r[0]?.[1], 2 * beta, 1e-5));
  t.true(near(r[1]?.[2], beta * (Math.exp(-6) + Math.exp(-2 * Math.SQRT2)), 1e-5));
  t.is(r[0]?.[2], 0);
});

test('the squares of eq. 10 are those of all weights but biases', (t) => {
  const { scope, values } = inventingScope(false);
  const { unarySquares } = cnnCrf(scope, image(), OPTIONS);
  let sum = 0;
  for (const [name, value] of values) {
    if (!name.startsWith('unary.') || !name.endsWith('.weight')) continue;
    for (const x of value.dataSync()) sum += x * x;
  }
  t.true(near(unarySquares.dataSync()[0], sum, 1e-3));
});

test("a superpixel's truth is the mean of what is known in it; without any it is not observed", (t) => {
  const { scope } = inventingScope(false);
  const plain = tf.zeros<tf.Rank.R4>([1, 8, 16, 3]);
  const { found } = cnnCrf(scope, plain, OPTIONS);
  const values = tf.tensor4d(
    wave(8 * 16, (i) => i % 16),
    [1, 8, 16, 1],
  );
  // Columns 2 and 5 of the left cell, the second with a third of the weight.
  const weights = tf.tensor4d(
    wave(8 * 16, (i) => (i % 16 === 2 ? 0.9 : i % 16 === 5 ? 0.3 : 0)),
    [1, 8, 16, 1],
  );
  const { means, observed } = nodeMeans(values, weights, found);
  t.deepEqual([...observed.dataSync()], [1, 0]);
  t.true(near(means.dataSync()[0], (0.9 * 2 + 0.3 * 5) / 1.2, 1e-5));
});

// Of the parameters: the image decides superpixels, which have no gradient.
const { samples, fn } = networkCase((scope, x) => crfMap(cnnCrf(scope, x, OPTIONS)), [1, H, W, 3], false);
const { x, ...parameters } = samples;
const ofParameters = {
  samples: parameters,
  fn: (given: Record<string, tf.Tensor>) => fn({ x: tf.tensor(x?.data ?? [], [1, H, W, 3]), ...given }),
};

test('gradients by all weights, through patches and the solve, agree with finite differences', (t) => {
  const error = slopeError(ofParameters, 5e-4);
  t.true(error < 3e-2, `${error}`);
});

test('a compiled step computes the same', async (t) => {
  const error = await disagreement(ofParameters.fn, ofParameters.samples);
  t.true(error < 1e-4, `${error}`);
});
