import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { ssimDistance } from '../../../training/losses/ssim.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const uniform = (value: number) => tf.fill<tf.Rank.R4>([1, 3, 4, 1], value);
const noise = (shape: [number, number, number, number], seed: number) =>
  tf.randomUniform<tf.Rank.R4>(shape, 0.1, 0.9, 'float32', seed);

test('a worked example: uniform grey 0.2 against 0.6', (t) => {
  // Variances are 0: SSIM = (2 * 0.12 + 0.0001) / (0.04 + 0.36 + 0.0001) = 0.6001
  const expected = (1 - 0.2401 / 0.4001) / 2;
  for (const value of ssimDistance(uniform(0.2), uniform(0.6)).dataSync())
    t.true(Math.abs(value - expected) < 1e-4);
});

test('an image is at distance 0 from itself and at nearly 1 from its negative', (t) => {
  const checks = tf.tensor4d(
    Array.from({ length: 36 }, (_, i) => (i + Math.floor(i / 6)) % 2),
    [1, 6, 6, 1],
  );
  t.true(Math.max(...ssimDistance(checks, checks).abs().dataSync()) < 1e-6);
  t.true(Math.min(...ssimDistance(checks, tf.sub(1, checks)).dataSync()) > 0.9);
});

test('every pixel agrees with the definition over its reflected 3x3 patch', (t) => {
  const [height, width] = [4, 5];
  const [a, b] = [noise([1, height, width, 2], 1), noise([1, height, width, 2], 2)];
  const got = ssimDistance(a, b).arraySync()[0] ?? [];
  const [pa, pb] = [a.arraySync()[0] ?? [], b.arraySync()[0] ?? []];
  const mirror = (i: number, size: number) => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 2; c++) {
        const patch = (image: number[][][]) =>
          [-1, 0, 1].flatMap((dy) =>
            [-1, 0, 1].map((dx) => image[mirror(y + dy, height)]?.[mirror(x + dx, width)]?.[c] ?? 0),
          );
        const [p, q] = [patch(pa), patch(pb)];
        const mean = (values: number[]) => values.reduce((s, v) => s + v, 0) / 9;
        const [mp, mq] = [mean(p), mean(q)];
        const covariance = (u: number[], mu: number, v: number[], mv: number) =>
          mean(u.map((value, i) => (value - mu) * ((v[i] ?? 0) - mv)));
        const ssim =
          ((2 * mp * mq + 1e-4) * (2 * covariance(p, mp, q, mq) + 9e-4)) /
          ((mp * mp + mq * mq + 1e-4) * (covariance(p, mp, p, mp) + covariance(q, mq, q, mq) + 9e-4));
        t.true(Math.abs((got[y]?.[x]?.[c] ?? 9) - (1 - ssim) / 2) < 1e-4);
      }
    }
  }
});

test('the gradient agrees with finite differences', (t) => {
  const [a, b] = [noise([2, 3, 4, 1], 3), noise([2, 3, 4, 1], 4)];
  const weight = tf.randomNormal([2, 3, 4, 1], 0, 1, 'float32', 5);
  t.true(
    gradientError(
      (x) =>
        ssimDistance(a, x as tf.Tensor4D)
          .mul(weight)
          .sum(),
      b,
      2e-3,
    ) < 2e-2,
  );
});

test('images of different shapes are refused by name', (t) => {
  t.throws(() => ssimDistance(uniform(0), tf.zeros([1, 3, 5, 1])), {
    instanceOf: TrainingError,
    message: /^b: /,
  });
});
