import * as tf from '@tensorflow/tfjs';
import test, { type ExecutionContext } from 'ava';
import { crfLikelihood, crfMap } from '../../../training/losses/crf-likelihood.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const near = (t: ExecutionContext, value: number | undefined, expected: number, within = 1e-5) =>
  t.true(Math.abs((value ?? Number.NaN) - expected) < within, `${value}, expected ${expected}`);

/** Two nodes, tied with weight r. */
const pair = (h: readonly [number, number], r: number) => ({
  unary: tf.tensor2d([...h], [1, 2]),
  pairwise: tf.tensor3d([0, r, r, 0], [1, 2, 2]),
});
const truthOf = (y: readonly [number, number], o: readonly [number, number] = [1, 1]) => ({
  truth: tf.tensor2d([...y], [1, 2]),
  observed: tf.tensor2d([...o], [1, 2]),
});

test('two nodes by hand: A = [[1 + r, -r], [-r, 1 + r]]', (t) => {
  const [h1, h2, r] = [0.2, -0.6, 1.5];
  const [m1, m2] = [((1 + r) * h1 + r * h2) / (1 + 2 * r), (r * h1 + (1 + r) * h2) / (1 + 2 * r)];
  const map = [...crfMap(pair([h1, h2], r)).dataSync()];
  near(t, map[0], m1);
  near(t, map[1], m2);
  const [e1, e2] = [0.5 - m1, 0.1 - m2];
  const form = (1 + r) * (e1 * e1 + e2 * e2) - 2 * r * e1 * e2;
  const expected = (form - 0.5 * Math.log(1 + 2 * r) + Math.log(Math.PI)) / 2;
  const { loss, map: again } = crfLikelihood(pair([h1, h2], r), truthOf([0.5, 0.1]));
  near(t, loss.dataSync()[0], expected);
  near(t, again.dataSync()[1], m2);
});

test('without edges every node is a Gaussian of variance 1/2 around its regressed depth', (t) => {
  const { loss } = crfLikelihood(pair([0.3, 0.4], 0), truthOf([0.8, 0.4]));
  near(t, loss.dataSync()[0], (0.25 + Math.log(Math.PI)) / 2);
});

test('a node without truth is integrated out: the sum over its depths of what both are worth', (t) => {
  const given = pair([0.2, -0.6], 1.5);
  const { loss } = crfLikelihood(given, truthOf([0.5, 99], [1, 0]));
  const step = 0.02;
  let sum = 0;
  for (let y = -6; y < 6; y += step)
    sum += step * Math.exp(-2 * (crfLikelihood(given, truthOf([0.5, y])).loss.dataSync()[0] ?? 0));
  near(t, Math.exp(-(loss.dataSync()[0] ?? 0)), sum, 1e-4);
});

test('where nothing is known the loss is 0 and so are its gradients', (t) => {
  const { pairwise } = pair([0, 0], 1);
  const loss = (unary: tf.Tensor) =>
    crfLikelihood({ unary: unary as tf.Tensor2D, pairwise }, truthOf([5, 5], [0, 0])).loss;
  const unary = tf.tensor2d([0.2, 0.3], [1, 2]);
  near(t, loss(unary).dataSync()[0], 0);
  t.deepEqual([...tf.grad(loss)(unary).dataSync()].map(Math.abs), [0, 0]);
});

const NODES = 6;
/** A symmetric matrix of weights from any numbers: those above the diagonal, all positive. */
function symmetric(raw: tf.Tensor): tf.Tensor3D {
  const above = tf.tensor2d(
    Array.from({ length: NODES }, (_, i) => Array.from({ length: NODES }, (_, j) => (j > i ? 1 : 0))),
  );
  const upper = tf.softplus(raw).mul<tf.Tensor2D>(above);
  return upper.add(upper.transpose()).expandDims<tf.Tensor3D>(0);
}
const some = (length: number, step: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(step * i + 1));
const TRUTH = {
  truth: tf.tensor2d(some(NODES, 2.1), [1, NODES]),
  observed: tf.tensor2d([1, 0, 1, 1, 0, 1], [1, NODES]),
};

test('gradients through both solves agree with finite differences: by unary and pairwise terms', (t) => {
  const raw = tf.tensor2d(some(NODES * NODES, 0.9), [NODES, NODES]);
  const h = tf.tensor2d(some(NODES, 1.3), [1, NODES]);
  const byUnary = gradientError(
    (x) => crfLikelihood({ unary: x as tf.Tensor2D, pairwise: symmetric(raw) }, TRUTH).loss,
    h,
  );
  const byPairwise = gradientError(
    (x) => crfLikelihood({ unary: h, pairwise: symmetric(x) }, TRUTH).loss,
    raw,
  );
  const weights = tf.tensor2d(some(NODES, 0.4), [1, NODES]);
  const ofMap = gradientError(
    (x) =>
      crfMap({ unary: h, pairwise: symmetric(x) })
        .mul(weights)
        .sum(),
    raw,
  );
  for (const error of [byUnary, byPairwise, ofMap]) t.true(error < 1e-2, `${error}`);
});

test('a compiled step computes the same loss, map and gradients', async (t) => {
  const error = await disagreement(
    ({ h, raw }) => {
      // Both triangles of any matrix: symmetric, positive, 0 on the diagonal.
      const positive = raw.square();
      const both = positive
        .add<tf.Tensor3D>(positive.transpose([0, 2, 1]))
        .mul<tf.Tensor3D>(tf.sub(1, tf.eye(NODES)));
      const { loss, map } = crfLikelihood({ unary: h as tf.Tensor2D, pairwise: both }, TRUTH);
      return tf.concat([loss.reshape([1]), map.reshape([NODES])]);
    },
    { h: floats([1, NODES]), raw: floats([1, NODES, NODES]) },
  );
  t.true(error < 1e-4, `${error}`);
});

test('wrong shapes are refused by name', (t) => {
  const { unary, pairwise } = pair([0, 0], 1);
  const three = tf.zeros<tf.Rank.R2>([1, 3]);
  t.throws(() => crfLikelihood({ unary, pairwise }, { truth: three, observed: three }), {
    name: 'TrainingError',
    message: /^truth: expected the shape/,
  });
});
