import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { assertShape } from '../../../training/ops/assert-shape.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

test('a shape that fits gives the sizes of its letters, and those known before', (t) => {
  t.deepEqual(assertShape(tf.zeros([2, 3, 4, 1]), ['B', 'H', 'W', 1], 'depth', { C: 5 }), {
    B: 2,
    H: 3,
    W: 4,
    C: 5,
  });
  t.deepEqual(assertShape(tf.scalar(1), [], 'loss'), {});
});

test('another rank, size or a letter that stands for two sizes is refused by name', (t) => {
  const refused = (shape: number[], expected: (number | string)[], known: Record<string, number> = {}) =>
    t.throws(() => assertShape(tf.zeros(shape), expected, 'depth', known), { instanceOf: TrainingError })
      ?.message;
  t.is(refused([2, 3], ['B', 4]), 'depth: expected the shape `[B, 4]`, got [2, 3]');
  t.is(refused([2, 3], ['B']), 'depth: expected the shape `[B]`, got [2, 3]');
  t.is(refused([2], ['B', 'H']), 'depth: expected the shape `[B, H]`, got [2]');
  t.is(refused([2, 3], ['N', 'N']), 'depth: expected the shape `[N, N]`, got [2, 3]');
  t.is(refused([2], ['B'], { B: 3 }), 'depth: expected the shape `[B]` with B = 3, got [2]');
});
