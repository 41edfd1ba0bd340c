import * as tf from '@tensorflow/tfjs';
import test, { type ExecutionContext } from 'ava';
import { reflectionPad } from '../../../training/onnx/reflection-pad.js';
import { upsampleNearest } from '../../../training/onnx/upsample-nearest.js';
import { floats, relativeError, runCompiled, type Sample, useEagerBackend } from './parity.js';

/*
 * Ops whose values or gradients TensorFlow.js 4.22 computes wrongly on its cpu backend, or not at all, so that eager is no
 * oracle. Most are linear: then <J v, u> = <v, J^T u> for any v and u checks the gradient against the forward pass.
 */

test.before(useEagerBackend);

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

async function isAdjoint(t: ExecutionContext, fn: (x: tf.Tensor4D) => tf.Tensor, v: Sample): Promise<void> {
  const { y } = await runCompiled(({ x }) => ({ y: fn(x as tf.Tensor4D) }), { x: v });
  const u = floats(y.shape);
  const { g } = await runCompiled(
    (inputs) => ({
      g: tf.grad((x: tf.Tensor) =>
        fn(x as tf.Tensor4D)
          .mul(inputs.u)
          .sum(),
      )(inputs.x),
    }),
    { x: v, u },
  );
  const forward = dot(y.data, u.data);
  const backward = dot(v.data, g.data);
  t.true(Math.abs(forward - backward) < 1e-4 * (1 + Math.abs(forward)), `${forward} ${backward}`);
}

const explicit = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
] as unknown as number; // the typings lack explicit paddings for pooling

const linear: Readonly<Record<string, [(x: tf.Tensor4D) => tf.Tensor, number[]]>> = {
  'resizeNearestNeighbor of a batch': [(x) => tf.image.resizeNearestNeighbor(x, [8, 10]), [2, 4, 5, 3]],
  'resizeNearestNeighbor by a fraction': [(x) => tf.image.resizeNearestNeighbor(x, [6, 7]), [2, 4, 5, 3]],
  'resizeBilinear where height and width differ': [(x) => tf.image.resizeBilinear(x, [8, 15]), [2, 4, 5, 3]],
  'resizeBilinear with half-pixel centres': [
    (x) => tf.image.resizeBilinear(x, [8, 15], false, true),
    [2, 4, 5, 3],
  ],
  'resizeBilinear with aligned corners': [(x) => tf.image.resizeBilinear(x, [7, 9], true), [2, 4, 5, 3]],
  'resizeBilinear to a smaller size': [(x) => tf.image.resizeBilinear(x, [3, 2], false, true), [2, 7, 6, 3]],
  'avgPool with padding': [(x) => tf.avgPool(x, 3, 1, 'same'), [2, 5, 6, 3]],
  'avgPool with padding and stride': [(x) => tf.avgPool(x, 3, 2, 'same'), [2, 5, 6, 3]],
  'avgPool with explicit padding': [(x) => tf.avgPool(x, 3, 2, explicit), [2, 5, 6, 3]],
  'reflectionPad where the borders overlap': [(x) => reflectionPad(x, 2), [2, 4, 3, 2]],
  'upsampleNearest of a batch': [(x) => upsampleNearest(x, 3), [3, 4, 5, 2]],
};

for (const [title, [fn, shape]] of Object.entries(linear)) {
  test.serial(`${title}: the gradient is the adjoint of the forward pass`, async (t) => {
    await isAdjoint(t, fn, floats(shape));
  });
}

test.serial('stridedSlice that drops an axis takes the elements that TensorFlow takes', async (t) => {
  const x = floats([6, 7, 3]);
  const { y } = await runCompiled(
    (inputs) => ({ y: tf.stridedSlice(inputs.x, [1, 2, 0], [6, 3, 3], [2, 1, 1], 0, 0, 0, 0, 2) }),
    { x },
  );
  const rows = [1, 3, 5].flatMap((row) => [0, 1, 2].map((channel) => x.data[(row * 7 + 2) * 3 + channel]));
  t.is(relativeError(y, { shape: [3, 3], data: Float32Array.from(rows) }), 0);
});
