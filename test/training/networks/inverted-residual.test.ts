import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { invertedResidual } from '../../../training/networks/inverted-residual.js';
import { Scope } from '../../../training/networks/scope.js';
import { disagreement } from '../tracer/disagreement.js';
import { networkCase, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

type Image = readonly (readonly (readonly number[])[])[];
type Weights = Readonly<Record<string, tf.Tensor>>;

/** Small numbers without a pattern. */
const number = (seed: number): number => Math.sin(seed * 12.9898) * 2;

/** A block's weights: 2 channels, widened to 6, narrowed to `filters`. */
function weightsOf(filters: number, kernel: number): Weights {
  let seed = 1;
  const tensor = (shape: number[], offset = 0) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(
      Array.from({ length: count }, () => number(seed++) + offset),
      shape,
    );
  };
  const norm = (name: string, channels: number) => ({
    [`${name}.weight`]: tensor([channels], 2.5),
    [`${name}.bias`]: tensor([channels]),
    [`${name}.running_mean`]: tensor([channels]),
    [`${name}.running_var`]: tensor([channels], 3),
  });
  return {
    'expand_conv.weight': tensor([1, 1, 2, 6]),
    ...norm('bn0', 6),
    'depthwise_conv.weight': tensor([kernel, kernel, 6, 1]),
    ...norm('bn1', 6),
    'project_conv.weight': tensor([1, 1, 6, filters]),
    ...norm('bn2', filters),
  };
}

/** The block by its definition, in double precision, pixel by pixel. */
function reference(x: Image, weights: Weights, kernel: number, stride: number, epsilon: number): Image {
  const data = (name: string) => [...(weights[name] as tf.Tensor).dataSync()];
  const norm = (name: string, values: readonly number[]) => {
    const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
      data(`${name}.${part}`),
    ) as [number[], number[], number[], number[]]; // four names
    return values.map(
      (v, c) =>
        ((v - (mean[c] ?? 0)) / Math.sqrt((variance[c] ?? 0) + epsilon)) * (gamma[c] ?? 0) + (beta[c] ?? 0),
    );
  };
  const relu6 = (values: readonly number[]) => values.map((v) => Math.min(6, Math.max(0, v)));
  const pointwise = (name: string, pixel: readonly number[]) => {
    const w = data(name);
    const outputs = w.length / pixel.length;
    return Array.from({ length: outputs }, (_, o) =>
      pixel.reduce((sum, v, i) => sum + v * (w[i * outputs + o] ?? 0), 0),
    );
  };
  const wide = x.map((row) => row.map((pixel) => relu6(norm('bn0', pointwise('expand_conv.weight', pixel)))));
  const filter = data('depthwise_conv.weight');
  const padBefore = (size: number) => {
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
    return Math.floor(total / 2);
  };
  const [height, width] = [x.length, x[0]?.length ?? 0];
  return Array.from({ length: Math.ceil(height / stride) }, (_, oy) =>
    Array.from({ length: Math.ceil(width / stride) }, (_, ox) => {
      const sums = Array.from({ length: 6 }, (_, c) => {
        let sum = 0;
        for (let ky = 0; ky < kernel; ky++)
          for (let kx = 0; kx < kernel; kx++) {
            const y = oy * stride + ky - padBefore(height);
            const seen = wide[y]?.[ox * stride + kx - padBefore(width)]?.[c];
            sum += (seen ?? 0) * (filter[(ky * kernel + kx) * 6 + c] ?? 0);
          }
        return sum;
      });
      const narrow = norm('bn2', pointwise('project_conv.weight', relu6(norm('bn1', sums))));
      const input = x[oy]?.[ox] ?? [];
      return stride === 1 && narrow.length === input.length
        ? narrow.map((v, c) => v + (input[c] ?? 0))
        : narrow;
    }),
  );
}

const X: Image = Array.from({ length: 6 }, (_, y) =>
  Array.from({ length: 4 }, (_, column) => [0, 1].map((c) => number(100 + y * 31 + column * 7 + c))),
);

for (const [what, options] of [
  ['stride 1 with its input added', { filters: 2, kernel: 3, stride: 1 }],
  ['stride 1 with more filters than channels', { filters: 3, kernel: 5, stride: 1 }],
  ['stride 2, which pads on one side only', { filters: 2, kernel: 3, stride: 2 }],
  ['stride 2 with a kernel of 5', { filters: 3, kernel: 5, stride: 2 }],
] as const) {
  test(`an inverted residual with ${what} is what its definition gives`, (t) => {
    const weights = weightsOf(options.filters, options.kernel);
    const epsilon = 1e-3;
    const y = invertedResidual(Scope.over(weights, false), tf.tensor4d([X as number[][][]]), {
      ...options,
      expansion: 3,
      norm: { epsilon },
    });
    const wanted = reference(X, weights, options.kernel, options.stride, epsilon);
    t.deepEqual(y.shape, [1, wanted.length, wanted[0]?.length ?? 0, options.filters]);
    const flat = wanted.flat(2);
    for (const [i, value] of y.dataSync().entries())
      t.true(Math.abs(value - (flat[i] ?? 0)) < 1e-4 * Math.max(1, Math.abs(flat[i] ?? 0)), `${i}`);
  });
}

for (const stride of [1, 2] as const) {
  // The statistics of a batch keep most values off the two kinks of ReLU6, which finite differences stumble over.
  const block = networkCase(
    (scope, x) => invertedResidual(scope, x, { filters: 3, kernel: 3, stride, expansion: 2 }),
    [2, 6, 4, 3],
    true,
  );

  test(`stride ${stride}: gradients agree with finite differences`, (t) => {
    const error = slopeError(block, 1e-3);
    t.true(error < 3e-2, `${error}`);
  });

  test(`stride ${stride}: a compiled step computes the same`, async (t) => {
    const error = await disagreement(block.fn, block.samples);
    t.true(error < 1e-4, `${error}`);
  });
}
