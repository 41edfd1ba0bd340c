import * as tf from '@tensorflow/tfjs';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { selectEagerBackend } from '../../../training/eager/eager-backend.js';

/* What the wasm backend lacks or gets wrong is compared with the cpu backend, TensorFlow.js's reference. */

test.before(async () => {
  await selectEagerBackend('wasm');
});

type Shape4D = [number, number, number, number];

const waves = <R extends tf.Rank>(shape: tf.ShapeMap[R], step: number): tf.Tensor<R> =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * step + 0.3)),
    shape,
  );

/** Largest difference between wasm and cpu, relative to cpu's largest value. */
async function difference(run: () => tf.Tensor): Promise<number> {
  const results: Float32Array[] = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    results.push(Float32Array.from(tf.tidy(() => run().dataSync())));
  }
  const [expected = new Float32Array(), actual = new Float32Array()] = results;
  const scale = Math.max(1, ...expected.map(Math.abs));
  return actual.length === expected.length
    ? Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] ?? Number.NaN)) / scale))
    : Number.POSITIVE_INFINITY;
}

async function isEqual(t: ExecutionContext, run: () => tf.Tensor): Promise<void> {
  const worst = await difference(run);
  t.true(worst < 1e-5, `${worst}`);
}

const sizes = {
  height: fc.integer({ min: 5, max: 9 }),
  width: fc.integer({ min: 5, max: 9 }),
  channels: fc.integer({ min: 1, max: 3 }),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pad: fc.constantFrom('same' as const, 'valid' as const),
};

test.serial('convolutions and their gradients of random sizes', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.record(sizes), async ({ height, width, channels, kernel, strides, pad }) => {
      const shape: Shape4D = [2, height, width, channels];
      const filterShape: Shape4D = [...kernel, channels, 2];
      const conv = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
        tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad);
      const run = (): tf.Tensor => {
        const [x, w] = [waves<tf.Rank.R4>(shape, 0.7), waves<tf.Rank.R4>(filterShape, 1.1)];
        const [dx, dw] = tf.grads((a: tf.Tensor, b: tf.Tensor) => conv(a, b).square().sum())([x, w]);
        return tf.concat([conv(x, w).flatten(), (dx ?? x).flatten(), (dw ?? w).flatten()]);
      };
      return (await difference(run)) < 1e-5;
    }),
    { numRuns: 40, seed: 3 },
  );
  t.pass();
});

test.serial('gradients of depthwise convolutions of random sizes', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ ...sizes, multiplier: fc.integer({ min: 1, max: 2 }) }),
      async ({ height, width, channels, kernel, strides, pad, multiplier }) => {
        const run = (): tf.Tensor => {
          const x = waves<tf.Rank.R4>([2, height, width, channels], 0.7);
          const w = waves<tf.Rank.R4>([...kernel, channels, multiplier], 1.1);
          const [dx, dw] = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
            tf
              .depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad)
              .square()
              .sum(),
          )([x, w]);
          return tf.concat([(dx ?? x).flatten(), (dw ?? w).flatten()]);
        };
        return (await difference(run)) < 1e-5;
      },
    ),
    { numRuns: 40, seed: 3 },
  );
  t.pass();
});

test.serial('segments are summed, rows with negative ids left out', async (t) => {
  const ids = [2, 0, -1, 2];
  await isEqual(t, () =>
    tf.unsortedSegmentSum(waves<tf.Rank.R3>([4, 3, 2], 0.9), tf.tensor1d(ids, 'int32'), 4),
  );
});

test.serial('choosing between bools keeps to its memory', async (t) => {
  const pattern = (step: number): tf.Tensor => waves<tf.Rank.R1>([101], step).greater(0);
  await isEqual(t, () => tf.where(pattern(0.7), pattern(1.3), pattern(2.9)).toFloat());
});

test.serial('the gradient of a maximum of negative values reaches them', async (t) => {
  await isEqual(t, () =>
    tf.grad((x: tf.Tensor) =>
      tf
        .maxPool(x as tf.Tensor4D, 3, 2, 'same')
        .square()
        .sum(),
    )(waves<tf.Rank.R4>([1, 7, 8, 2], 0.7).sub(2)),
  );
});
