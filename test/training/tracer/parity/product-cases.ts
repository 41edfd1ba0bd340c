import * as tf from '@tensorflow/tfjs';
import { floats } from '../parity.js';
import { around, as4d, forward, image, type ParityCase, smooth } from './parity-case.js';

const as2d = (x: tf.Tensor): tf.Tensor2D => x as tf.Tensor2D;

export const PRODUCT_CASES: readonly ParityCase[] = [
  smooth('matMul', { x: floats([6, 7]), y: floats([5, 7]) }, ({ x, y }) => tf.matMul(x, y, false, true)),
  smooth('matMul of batches', { x: floats([2, 7, 6]), y: floats([2, 7, 5]) }, ({ x, y }) =>
    tf.matMul(x, y, true, false),
  ),
  forward('fused matMul', { x: floats([6, 7]), y: floats([7, 5]), b: floats([5]) }, ({ x, y, b }) =>
    tf.fused.matMul({ a: as2d(x), b: as2d(y), bias: b, activation: 'relu' }),
  ),
  smooth(
    'conv2d 3x3 with bias',
    { x: image(8, 10, 3), w: floats([3, 3, 3, 4]), b: floats([4]) },
    ({ x, w, b }) => tf.relu(tf.conv2d(as4d(x), as4d(w), 1, 'same').add(b)),
  ),
  smooth(
    'conv2d of many filters with bias',
    { x: image(8, 10, 3), w: floats([3, 3, 3, 9]), b: floats([9]) },
    ({ x, w, b }) => tf.conv2d(as4d(x), as4d(w), 1, 'same').add(b),
  ),
  smooth(
    'conv2d of one filter with bias and uneven padding',
    { x: image(8, 10, 3), w: floats([3, 5, 3, 1]), b: floats([1]) },
    ({ x, w, b }) =>
      tf
        .conv2d(as4d(x), as4d(w), 1, [
          [0, 0],
          [2, 0],
          [1, 3],
          [0, 0],
        ])
        .add(b),
  ),
  smooth(
    'conv2d with a bias whose convolution is read twice',
    { x: image(4, 5, 3), w: floats([3, 3, 3, 4]), b: floats([4]) },
    ({ x, w, b }) => {
      const y = tf.conv2d(as4d(x), as4d(w), 1, 'same');
      return y.add(b).mul(y);
    },
  ),
  smooth('conv2d of a large image', { x: image(40, 48, 3), w: floats([3, 3, 3, 9]) }, ({ x, w }) =>
    tf.conv2d(as4d(x), as4d(w), 1, 'same'),
  ),
  smooth(
    'conv2d with stride 2 and explicit padding',
    { x: image(8, 10, 3), w: floats([3, 3, 3, 4]) },
    ({ x, w }) => tf.conv2d(as4d(x), as4d(w), 2, around(1)),
  ),
  smooth('conv2d of odd sizes', { x: image(9, 11, 3), w: floats([3, 3, 3, 4]) }, ({ x, w }) =>
    tf.conv2d(as4d(x), as4d(w), 2, 'same'),
  ),
  smooth('conv2d 7x7 with stride 2', { x: image(72, 80, 3), w: floats([7, 7, 3, 8]) }, ({ x, w }) =>
    tf.conv2d(as4d(x), as4d(w), 2, around(3)),
  ),
  smooth('conv2d 1x1, strides 1 and 2', { x: image(8, 10, 3), w: floats([1, 1, 3, 4]) }, ({ x, w }) =>
    tf
      .conv2d(as4d(x), as4d(w), 1, 'valid')
      .sum()
      .add(tf.conv2d(as4d(x), as4d(w), 2, 'valid').square().sum()),
  ),
  smooth(
    'conv2d of one image with unequal strides and kernels',
    { x: floats([1, 9, 10, 2]), w: floats([3, 5, 2, 3]) },
    ({ x, w }) => tf.conv2d(as4d(x), as4d(w), [1, 3], 'valid'),
  ),
  smooth(
    'conv2d with more filters than pixels',
    { x: image(3, 3, 3), w: floats([3, 3, 3, 40]) },
    ({ x, w }) => tf.conv2d(as4d(x), as4d(w), 1, 'same'),
  ),
  smooth('dilated conv2d', { x: image(8, 10, 3), w: floats([3, 3, 3, 4]) }, ({ x, w }) =>
    tf.conv2d(as4d(x), as4d(w), 1, 'same', 'NHWC', 2),
  ),
  smooth('conv2dTranspose', { x: image(4, 5, 3), w: floats([3, 3, 2, 3]) }, ({ x, w }) =>
    tf.conv2dTranspose(as4d(x), as4d(w), [2, 8, 10, 2], 2, 'same'),
  ),
  smooth('depthwiseConv2d', { x: image(8, 10, 3), w: floats([3, 3, 3, 2]) }, ({ x, w }) =>
    tf
      .depthwiseConv2d(as4d(x), as4d(w), 2, 'same')
      .sum()
      .add(tf.depthwiseConv2d(as4d(x), as4d(w), 1, 'valid').square().sum()),
  ),
  forward('fused conv2d', { x: image(8, 10, 3), w: floats([3, 3, 3, 4]), b: floats([4]) }, ({ x, w, b }) =>
    tf.fused.conv2d({ x: as4d(x), filter: as4d(w), strides: 1, pad: 'same', bias: b, activation: 'elu' }),
  ),
];
