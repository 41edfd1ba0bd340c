import * as tf from '@tensorflow/tfjs';
import test, { type ExecutionContext } from 'ava';
import {
  type PaddedArguments,
  type PaddedKernel,
  padFirst,
} from '../../../training/eager/explicit-padding.js';
import type { KernelArguments } from '../../../training/eager/override-kernel.js';
import { filterGradientOfWhatIsRead } from '../../../training/eager/tfjs-node-filter-gradient.js';

/* tfjs-node itself is rarely installed: what is put before its kernels is checked on the cpu backend, which knows explicit
 * padding of its own. */

test.before(async () => {
  await tf.setBackend('cpu');
});

const explicit: tf.backend_util.ExplicitPadding = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

function negatives(shape: [number, number, number, number], step: number): tf.Tensor4D {
  const data = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * step) - 2);
  return tf.tensor4d(data, shape);
}

interface Compared {
  readonly inputs: KernelArguments['inputs'];
  readonly attributes: object;
}

function isSame(t: ExecutionContext, kernelName: string, args: Compared, composed?: tf.Tensor): void {
  const expected = tf.engine().runKernel(kernelName, { ...args.inputs }, { ...args.attributes }) as tf.Tensor;
  t.deepEqual(composed?.shape, expected.shape);
  const worst = composed?.sub(expected).abs().max().dataSync()[0] ?? Number.NaN;
  t.true(worst < 1e-4, `${worst}`);
}

/** Attributes of convolutions of [2, 6, 7, 3] by [3, 2, 3, 4], result [2, 4, 4, 4] with strides of 2 and this padding. */
const convolution = { strides: [2, 2], dataFormat: 'NHWC', pad: explicit };
const x = () => negatives([2, 6, 7, 3], 0.7);
const dy = (channels: number) => negatives([2, 4, 4, channels], 1.3);

const cases: readonly [PaddedKernel, () => PaddedArguments][] = [
  [
    { kernelName: 'Conv2DBackpropInput', border: 0, cut: true },
    () => ({
      inputs: { dy: dy(4), filter: negatives([3, 2, 3, 4], 0.3) },
      attributes: { ...convolution, inputShape: [2, 6, 7, 3] },
    }),
  ],
  [
    { kernelName: 'DepthwiseConv2dNativeBackpropFilter', image: 'x', border: 0, cut: false },
    () => ({
      inputs: { x: x(), dy: dy(6) },
      attributes: { ...convolution, dilations: 1, filterShape: [3, 2, 3, 2] },
    }),
  ],
  [
    { kernelName: 'MaxPool', image: 'x', border: Number.NEGATIVE_INFINITY, cut: false },
    () => ({ inputs: { x: x() }, attributes: { filterSize: [3, 2], strides: [2, 2], pad: explicit } }),
  ],
  [
    { kernelName: 'MaxPoolGrad', image: 'input', border: Number.NEGATIVE_INFINITY, cut: true },
    () => {
      const attributes = { filterSize: [3, 2], strides: [2, 2], pad: explicit };
      const output = tf.engine().runKernel('MaxPool', { x: x() }, attributes) as tf.Tensor4D;
      return { inputs: { dy: dy(3), input: x(), output }, attributes };
    },
  ],
];

for (const [kernel, args] of cases) {
  test.serial(
    `${kernel.kernelName}: a padded image with valid padding gives what explicit padding gives`,
    (t) => {
      isSame(t, kernel.kernelName, args(), padFirst(kernel, args()));
    },
  );
}

test.serial('padding that tfjs-node knows is left to it', (t) => {
  for (const pad of ['same', 'valid', 0] as const) {
    t.is(
      padFirst(
        { kernelName: 'MaxPool', image: 'x', border: 0, cut: false },
        { inputs: { x: x() }, attributes: { filterSize: 3, strides: 1, pad } },
      ),
      undefined,
    );
  }
});

test.serial('a filter gradient is that of the rows and columns that the convolution reads', (t) => {
  for (const [filterShape, strides, pad, outShape] of [
    [[3, 2, 3, 4], [2, 2], explicit, [2, 4, 4, 4]],
    [[1, 1, 3, 4], [2, 2], 'valid', [2, 3, 4, 4]],
    [[1, 2, 3, 4], [2, 3], 'same', [2, 3, 3, 4]],
  ] as const) {
    const args: Parameters<typeof filterGradientOfWhatIsRead>[0] = {
      inputs: { x: x(), dy: negatives([...outShape], 1.3) },
      attributes: {
        filterShape: [...filterShape],
        strides: [...strides],
        pad,
        dataFormat: 'NHWC',
      },
    };
    isSame(t, 'Conv2DBackpropFilter', args, filterGradientOfWhatIsRead(args));
  }
});

test.serial('a filter gradient that reads the whole image is left to tfjs-node', (t) => {
  t.is(
    filterGradientOfWhatIsRead({
      inputs: { x: x(), dy: negatives([2, 6, 7, 4], 1) },
      attributes: { filterShape: [3, 3, 3, 4], strides: 1, pad: 'same', dataFormat: 'NHWC' },
    }),
    undefined,
  );
});
