import type * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { correctGradients } from '../../../../training/tracer/gradients/correct-gradients.js';
import { OP_RULES } from '../../../../training/tracer/rules/rules.js';
import {
  EAGER_BACKEND,
  kernelsOf,
  relativeError,
  runCompiled,
  runEager,
  useEagerBackend,
  withGradients,
} from '../parity.js';
import { PARITY_CASES } from '../parity-cases.js';

const TOLERANCE = 1e-4;
/** Cases whose result has another element type on the other backends; the tracer follows cpu. */
const TYPED_AS_ON_CPU: ReadonlySet<string> = new Set(['floorDiv']);

test.before(async () => {
  await useEagerBackend();
  correctGradients();
});

for (const { title, samples, fn, gradients } of PARITY_CASES) {
  const run = EAGER_BACKEND !== 'cpu' && TYPED_AS_ON_CPU.has(title) ? test.serial.failing : test.serial;
  run(`${title}: the graph computes what eager TensorFlow.js does`, async (t) => {
    const whole = gradients ? withGradients(fn) : (inputs: Record<string, tf.Tensor>) => ({ y: fn(inputs) });
    const expected = runEager(whole, samples);
    const actual = await runCompiled(whole, samples);
    for (const [name, result] of Object.entries(expected)) {
      const error = relativeError(actual[name], result);
      t.true(error < TOLERANCE, `${name}: relative error ${error}, shape ${actual[name]?.shape}`);
    }
    // Images in the layout that training uses.
    const images = Object.keys(samples).filter((name) => name === 'x' && samples[name].shape.length === 4);
    if (images.length === 0) return;
    const channelsFirst = await runCompiled(whole, samples, { x: 'NCHW' });
    for (const [name, result] of Object.entries(expected)) {
      const error = relativeError(channelsFirst[name], result);
      t.true(error < TOLERANCE, `channels first, ${name}: relative error ${error}`);
    }
  });
}

test.serial('every rule that makes nodes has a case', (t) => {
  const constants = new Set(['Fill', 'ZerosLike', 'OnesLike', 'Range', 'LinSpace', 'Identity']);
  const traced = new Set(
    PARITY_CASES.flatMap(({ samples, fn, gradients }) =>
      kernelsOf(gradients ? withGradients(fn) : (inputs) => ({ y: fn(inputs) }), samples),
    ),
  );
  const missing = OP_RULES.map(({ kernelName }) => kernelName).filter(
    (name) => !traced.has(name) && !constants.has(name),
  );
  t.deepEqual(missing, []);
});
