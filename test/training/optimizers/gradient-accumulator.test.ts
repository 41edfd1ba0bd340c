import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { GradientAccumulator } from '../../../training/optimizers/gradient-accumulator.js';

test('gives the mean of what was added and starts anew', (t) => {
  const accumulator = new GradientAccumulator();
  const reused = { w: Float32Array.of(1, 2), b: Float32Array.of(-1) };
  accumulator.add(reused);
  reused.w.set([3, 6]);
  reused.b.set([0]);
  accumulator.add(reused);
  t.is(accumulator.count, 2);
  t.deepEqual(accumulator.take(), { w: Float32Array.of(2, 4), b: Float32Array.of(-0.5) });
  accumulator.add({ w: Float32Array.of(7, 8), b: Float32Array.of(9) });
  t.deepEqual(accumulator.take(), { w: Float32Array.of(7, 8), b: Float32Array.of(9) });
});

test('nothing to take and gradients of another length are errors', (t) => {
  const accumulator = new GradientAccumulator();
  t.throws(() => accumulator.take(), { instanceOf: TrainingError, message: /`1` batch/ });
  accumulator.add({ w: Float32Array.of(1, 2) });
  t.throws(() => accumulator.add({ w: Float32Array.of(1) }), {
    instanceOf: TrainingError,
    message: /`w`: expected `2`.*got 1/,
  });
});
