import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { customGradient } from '../../../training/ops/custom-gradient.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

test('each input has the gradient that is written for it, of what was saved', (t) => {
  const gradients = tf.valueAndGrads((a: tf.Tensor, b: tf.Tensor) => {
    const [left, right]: [tf.Tensor1D, tf.Tensor1D] = [a.as1D(), b.as1D()];
    const product = customGradient<[tf.Tensor1D, tf.Tensor1D], tf.Tensor1D, [tf.Tensor1D, tf.Tensor1D]>(
      [left, right],
      (save, x, y) => {
        save(x, y);
        // Not the true ones: so that TensorFlow.js's own cannot pass for them.
        return {
          value: x.mul(y),
          gradient: (dy, keptX, keptY) => [dy.mul(keptY).mul(10), dy.mul(keptX).mul(100)],
        };
      },
    );
    return product.mul(tf.tensor1d([1, 3])).sum<tf.Scalar>();
  });
  const { value, grads } = gradients([tf.tensor1d([2, 3]), tf.tensor1d([5, 7])]);
  t.is(value.dataSync()[0], 2 * 5 + 3 * 3 * 7);
  t.deepEqual([...grads[0].dataSync()], [10 * 5, 10 * 3 * 7]);
  t.deepEqual([...grads[1].dataSync()], [100 * 2, 100 * 3 * 3]);
});
