import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { confidenceLoss } from '../../../training/losses/confidence-loss.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const row = (...values: number[]) => tf.tensor4d(values, [1, 1, values.length, 1]);
const number = (x: tf.Scalar): number => x.dataSync()[0];
const near = (a: number, b: number, tolerance = 1e-4): boolean => Math.abs(a - b) < tolerance;

test('a worked example: the likelihood of Laplace and the cross-entropy of being within 25 %', (t) => {
  // Depths 1.2 and 2 times too small: errors ln 1.2 (within) and ln 2 (not).
  const disparity = row(0.12, 0.2);
  const truth = row(0.1, 0.1);
  const [p, q] = [0.8, 0.3];
  const logits = row(Math.log(p / (1 - p)), Math.log(q / (1 - q)));
  // 1 - exp(-t / b) = p, so b = t / -ln(1 - p).
  const scale = (share: number) => Math.log(1.25) / -Math.log(1 - share);
  const rest = Math.log(Math.log(1.25)); // log b without this constant
  const likelihood = (error: number, share: number) => error / scale(share) + Math.log(scale(share)) - rest;
  const expected =
    (likelihood(Math.log(1.2), p) - Math.log(p) + likelihood(Math.log(2), q) - Math.log(1 - q)) / 2;
  t.true(near(number(confidenceLoss(logits, disparity, truth, row(1, 1))), expected, 1e-3));
  // What does not count does not, whatever stands there.
  const one = likelihood(Math.log(1.2), p) - Math.log(p);
  t.true(near(number(confidenceLoss(logits, disparity, row(0.1, 0), row(1, 0))), one, 1e-3));
});

test('it is least where the confidence says what comes true', (t) => {
  // Errors of a Laplace law with scale b, at its quantiles.
  const b = 0.2;
  const errors = Array.from({ length: 400 }, (_, i) => -b * Math.log(1 - (i + 0.5) / 400));
  const disparity = row(...errors.map((e) => 0.1 * Math.exp(e)));
  const truth = row(...errors.map(() => 0.1));
  const lossAt = (p: number) => {
    const logits = row(...errors.map(() => Math.log(p / (1 - p))));
    return number(confidenceLoss(logits, disparity, truth, tf.onesLike(truth)));
  };
  const right = 1 - Math.exp(-Math.log(1.25) / b);
  for (const wrong of [right - 0.05, right + 0.05]) t.true(lossAt(right) < lossAt(wrong));
});

test('the gradient is that of finite differences, and the depth gets none', (t) => {
  const disparity = row(0.12, 0.2, 0.09, 0.4);
  const truth = row(0.1, 0.1, 0.1, 0.1);
  const valid = row(1, 1, 0.3, 0);
  const logits = row(0.3, -1.5, 2, 0);
  t.true(gradientError((x) => confidenceLoss(x as tf.Tensor4D, disparity, truth, valid), logits) < 1e-3);
  const ofDepth = tf.grad((x) => confidenceLoss(logits, x as tf.Tensor4D, truth, valid))(disparity);
  t.true(ofDepth.dataSync().every((x) => x === 0));
});

test('it stays finite for any logit, and shapes that differ are refused', (t) => {
  const extreme = row(-80, 80, -80, 80);
  const loss = number(confidenceLoss(extreme, row(0.1, 0.1, 5, 5), row(0.1, 0.1, 0.1, 0.1), row(1, 1, 1, 1)));
  t.true(Number.isFinite(loss));
  t.throws(() => confidenceLoss(row(1), row(1, 1), row(1, 1), row(1, 1)), { name: 'TrainingError' });
});
