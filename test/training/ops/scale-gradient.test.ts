import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { scaleGradient } from '../../../training/ops/scale-gradient.js';
import { compile } from '../../../training/tracer/compile.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

test.serial('gradient reversal whose strength grows from step to step', async (t) => {
  const compiled = await compile(
    ({ x, strength }) => {
      const reversed = (input: tf.Tensor): tf.Scalar =>
        scaleGradient(input, tf.neg(strength as tf.Scalar))
          .square()
          .sum();
      const { value, grad } = tf.valueAndGrad(reversed)(x);
      return { value, grad };
    },
    { x: { shape: [2], dtype: 'float32' }, strength: { shape: [], dtype: 'float32' } },
  );
  const x = Float32Array.of(1, -3);
  for (const strength of [0, 0.5, 1]) {
    const { value, grad } = await compiled.run({ x, strength: Float32Array.of(strength) });
    t.is(value.data[0], 10);
    t.deepEqual(
      Array.from(grad.data, (g) => Number(g) + 0),
      [-2 * strength + 0, 6 * strength],
    );
  }
  await compiled.close();
});
