import type * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { correctGradients } from '../../../training/tracer/gradients/correct-gradients.js';
import { inDoublePrecision } from './double-precision.js';
import { METHOD_OPS } from './method-ops.js';
import { relativeError, runCompiled, runEager, useEagerBackend, withGradients } from './parity.js';

const TOLERANCE = 1e-4;

test.before(async () => {
  await useEagerBackend();
  correctGradients();
});

for (const { need, samples, fn, reference, gradients = true, wrongInEager = false } of METHOD_OPS) {
  test.serial(`${need}: values and gradients are those computed in double precision`, async (t) => {
    const whole = gradients ? withGradients(fn) : (inputs: Record<string, tf.Tensor>) => ({ y: fn(inputs) });
    const actual = await runCompiled(whole, samples);
    const expected = inDoublePrecision(reference, samples, actual.y.shape, gradients);
    const runs = { compiled: actual, ...(wrongInEager ? {} : { eager: runEager(whole, samples) }) };
    for (const [run, results] of Object.entries(runs)) {
      for (const [name, result] of Object.entries(expected)) {
        const error = relativeError(results[name], result);
        t.true(error < TOLERANCE, `${run}, ${name}: relative error ${error}, shape ${results[name]?.shape}`);
      }
    }
  });
}
