import * as tf from '@tensorflow/tfjs';
import { batchNormTraining } from '../../../../training/ops/batch-norm-training.js';
import { reflectionPad } from '../../../../training/ops/reflection-pad.js';
import { scaleGradient } from '../../../../training/ops/scale-gradient.js';
import { stopGradient } from '../../../../training/ops/stop-gradient.js';
import { upsampleNearest } from '../../../../training/ops/upsample-nearest.js';
import { floats } from '../parity.js';
import { around, as4d, forward, image, type ParityCase, smooth } from './parity-case.js';

/** TensorFlow.js takes explicit paddings for pooling; its typings do not say so. */
const poolPad = (n: number): number => around(n) as unknown as number;

export const IMAGE_CASES: readonly ParityCase[] = [
  smooth('maxPool 3x3 with stride 2', { x: image(8, 10, 3) }, ({ x }) =>
    tf.maxPool(as4d(x), 3, 2, poolPad(1)),
  ),
  forward('maxPool without gradient', { x: image(8, 10, 3) }, ({ x }) => tf.maxPool(as4d(x), 2, 2, 'same')),
  smooth('avgPool', { x: image(6, 8, 3) }, ({ x }) =>
    tf
      .avgPool(as4d(x), 3, 1, 'valid')
      .sum()
      .add(tf.avgPool(as4d(x), 2, 2, 'valid').square().sum()),
  ),
  forward('avgPool with padding', { x: image(6, 8, 3) }, ({ x }) => tf.avgPool(as4d(x), 3, 2, 'same')),
  smooth('batchNorm', { x: image(4, 5, 3), b: floats([3]), s: floats([3]) }, ({ x, b, s }) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(
      as4d(x),
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      b as tf.Tensor1D,
      s as tf.Tensor1D,
      1e-3,
    );
  }),
  forward(
    'batchNorm with statistics of every pixel',
    { x: floats([4, 5, 3]), m: floats([4, 5, 3]) },
    ({ x, m }) => tf.batchNorm(x as tf.Tensor3D, m as tf.Tensor3D, m.square()),
  ),
  smooth(
    'batchNormTraining',
    { x: image(4, 5, 3), b: floats([3]), s: floats([3]) },
    ({ x, b, s }) => batchNormTraining(as4d(x), s as tf.Tensor1D, b as tf.Tensor1D, 1e-3).output,
  ),
  smooth('reflectionPad', { x: image(4, 5, 3) }, ({ x }) => reflectionPad(as4d(x), 1)),
  smooth('reflectionPad by three', { x: image(9, 5, 3) }, ({ x }) => reflectionPad(as4d(x), 3)),
  smooth('upsampleNearest', { x: image(4, 5, 3) }, ({ x }) => upsampleNearest(as4d(x), 2)),
  smooth('resizeBilinear to twice the size', { x: image(4, 4, 3) }, ({ x }) =>
    tf.image.resizeBilinear(as4d(x), [8, 8]),
  ),
  smooth('resizeBilinear with aligned corners', { x: image(4, 4, 3) }, ({ x }) =>
    tf.image.resizeBilinear(as4d(x), [7, 7], true),
  ),
  forward('resizeBilinear with half-pixel centres', { x: image(4, 6, 3) }, ({ x }) =>
    tf.image.resizeBilinear(as4d(x), [9, 12], false, true),
  ),
  forward('resizeBilinear to half the size', { x: image(8, 6, 3) }, ({ x }) =>
    tf.image.resizeBilinear(as4d(x), [4, 3]),
  ),
  smooth('resizeNearestNeighbor of one image', { x: floats([1, 4, 5, 3]) }, ({ x }) =>
    tf.image.resizeNearestNeighbor(as4d(x), [8, 10]),
  ),
  forward('resizeNearestNeighbor by a fraction', { x: image(4, 5, 3) }, ({ x }) =>
    tf.image.resizeNearestNeighbor(as4d(x), [7, 3]),
  ),
  forward('resizeNearestNeighbor with half-pixel centres', { x: image(4, 5, 3) }, ({ x }) =>
    tf.image.resizeNearestNeighbor(as4d(x), [7, 13], false, true),
  ),
  smooth('stopGradient', { x: floats([2, 3]) }, ({ x }) => x.mul(stopGradient(x))),
  smooth('scaleGradient', { x: floats([2, 3]) }, ({ x }) => scaleGradient(x, 0.1).square()),
];
