import test from 'ava';
import { AccumulatedStep } from '../../../training/runs/accumulated-step.js';

function result(loss: number, gradient: number, mean: number) {
  return {
    loss,
    metrics: { depth: 2 * loss },
    gradients: { w: Float32Array.of(gradient) },
    updates: { 'bn.mean': Float32Array.of(mean) },
  };
}

test('several batches give the mean of losses, metrics and gradients, and the statistics of each', (t) => {
  const step = new AccumulatedStep(2);
  t.is(step.add(result(1, 4, 10)), undefined);
  const both = step.add(result(3, 8, 20));
  t.is(both?.loss, 2);
  t.deepEqual(both?.metrics, { depth: 4 });
  t.deepEqual(both?.gradients.w, Float32Array.of(6));
  t.deepEqual(
    both?.updates.map((updates) => updates['bn.mean']),
    [Float32Array.of(10), Float32Array.of(20)],
  );
});

test('after the last batch the next step starts anew', (t) => {
  const step = new AccumulatedStep(2);
  step.add(result(1, 4, 10));
  step.add(result(3, 8, 20));
  t.is(step.add(result(5, 1, 1)), undefined);
  const next = step.add(result(7, 3, 2));
  t.is(next?.loss, 6);
  t.deepEqual(next?.gradients.w, Float32Array.of(2));
  t.is(next?.updates.length, 2);
});
