import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import fc from 'fast-check';
import type { Layout } from '../../../training/tracer/lower/layout.js';
import {
  floats,
  relativeError,
  runCompiled,
  runEager,
  type Samples,
  useEagerBackend,
  withGradients,
} from './parity.js';

type Inputs = Record<string, tf.Tensor>;

test.before(useEagerBackend);

async function worstError(fn: (inputs: Inputs) => tf.Tensor, samples: Samples): Promise<number> {
  const whole = withGradients(fn);
  const expected = runEager(whole, samples);
  const layouts: Record<string, Layout> = samples.x.shape.length === 4 ? { x: 'NCHW' } : {};
  const actual = await runCompiled(whole, samples, layouts);
  return Math.max(...Object.entries(expected).map(([name, result]) => relativeError(actual[name], result)));
}

/** Steps of a random program that rearranges a tensor; `n` decides the details. */
const STEPS: readonly ((x: tf.Tensor, n: number) => tf.Tensor)[] = [
  (x, n) => {
    const perm = x.shape.map((_, axis) => axis);
    for (let i = perm.length - 1; i > 0; i--) {
      const j = (n >> i) % (i + 1);
      [perm[i], perm[j]] = [perm[j], perm[i]];
    }
    return x.transpose(perm);
  },
  (x, n) => {
    if (x.rank < 2) return x.neg();
    const axis = n % (x.rank - 1);
    const shape = [...x.shape];
    shape.splice(axis, 2, shape[axis] * shape[axis + 1]);
    return x.reshape(shape);
  },
  (x, n) => {
    if (x.rank > 4) return x.square();
    const axis = n % x.rank;
    const factor = [2, 3, 1].find((candidate) => x.shape[axis] % candidate === 0) ?? 1;
    const shape = [...x.shape];
    shape.splice(axis, 1, factor, shape[axis] / factor);
    return x.reshape(shape);
  },
  (x, n) => (x.rank > 4 ? x.squeeze() : x.expandDims(n % (x.rank + 1))),
  (x) => x.squeeze(),
  (x, n) => {
    const axis = n % x.rank;
    const begin = x.shape.map(() => 0);
    const size = [...x.shape];
    begin[axis] = Math.min(n % 3, x.shape[axis] - 1);
    size[axis] = Math.max(1, x.shape[axis] - begin[axis] - (n % 2));
    return x.slice(begin, size);
  },
  (x, n) =>
    x.pad(
      x.shape.map((_, axis): [number, number] => (axis === n % x.rank ? [n % 2, 1] : [0, 0])),
      0,
    ),
  (x, n) => x.reverse(n % x.rank),
  (x, n) => x.sum(n % x.rank, n % 2 === 0).mul(0.5),
  (x, n) => x.sub(x.mean(n % x.rank, true).mul(0.3)),
  (x, n) => tf.concat([x, x.mul(2)], n % x.rank).mul(0.5),
  (x) => x.add(tf.linspace(-1, 1, x.shape[x.rank - 1])),
  (x, n) => tf.stack([x, x.tanh()], n % (x.rank + 1)).sum(n % (x.rank + 1)),
];

test.serial('random programs that rearrange a convolution give what eager TensorFlow.js gives', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(STEPS.length - 1), fc.nat(63)), { minLength: 1, maxLength: 7 }),
      async (program) => {
        const fn = ({ x, w }: Inputs): tf.Tensor => {
          let y: tf.Tensor = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
          for (const [step, n] of program) {
            if (y.rank > 0) y = STEPS[step](y, n);
          }
          return y;
        };
        const error = await worstError(fn, { x: floats([2, 4, 3, 3]), w: floats([3, 3, 3, 6]) });
        return error < 1e-4;
      },
    ),
    { numRuns: 60, seed: 7 },
  );
  t.pass();
});

test.serial('convolutions of random sizes, strides and paddings, and their gradients', async (t) => {
  const small = fc.integer({ min: 1, max: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        batch: fc.integer({ min: 1, max: 3 }),
        height: fc.integer({ min: 5, max: 12 }),
        width: fc.integer({ min: 5, max: 40 }),
        inputs: small,
        outputs: fc.integer({ min: 1, max: 12 }),
        kernel: fc.tuple(small, small),
        strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
        pad: fc.constantFrom('same' as const, 'valid' as const, 'explicit' as const),
      }),
      async ({ batch, height, width, inputs, outputs, kernel, strides, pad }) => {
        const padding: 'same' | 'valid' | tf.backend_util.ExplicitPadding =
          pad === 'explicit'
            ? [
                [0, 0],
                [1, 2],
                [0, 1],
                [0, 0],
              ]
            : pad;
        const error = await worstError(
          ({ x, w }) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, padding),
          { x: floats([batch, height, width, inputs]), w: floats([...kernel, inputs, outputs]) },
        );
        return error < 1e-4;
      },
    ),
    { numRuns: 60, seed: 7 },
  );
  t.pass();
});

test.serial('binary operations broadcast any two shapes as TensorFlow.js does', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
      fc.nat(4),
      fc.nat(15),
      fc.boolean(),
      async (shape, rank, ones, swap) => {
        const other = shape.slice(Math.max(0, shape.length - rank)).map((n, i) => ((ones >> i) & 1 ? 1 : n));
        const samples = { x: floats(shape), b: floats(other, (value) => Math.abs(value) + 0.5) };
        const error = await worstError(({ x, b }) => (swap ? b.sub(x).mul(b) : x.div(b).add(x)), samples);
        return error < 1e-4;
      },
    ),
    { numRuns: 60, seed: 7 },
  );
  t.pass();
});
