import * as tf from '@tensorflow/tfjs';
import { floats, integers } from '../parity.js';
import { around, as4d, forward, image, type ParityCase, smooth } from './parity-case.js';

export const SHAPE_CASES: readonly ParityCase[] = [
  smooth('reshape, transpose, slice, pad, tile', { x: floats([2, 3, 4]) }, ({ x }) =>
    tf
      .transpose(x, [2, 0, 1])
      .reshape([8, 3])
      .pad([
        [1, 2],
        [0, 1],
      ])
      .slice([1, 1], [5, 2])
      .tile([2, 2]),
  ),
  smooth('reshape of an image', { x: image(6, 8, 3), w: floats([1, 1, 3, 4]) }, ({ x, w }) =>
    tf
      .conv2d(as4d(x), as4d(w), 1, 'same')
      .reshape([2, 48, 4])
      .mul(2)
      .reshape([2, 6, 2, 4, 4])
      .transpose([0, 2, 1, 3, 4])
      .reshape([4, 24, 4])
      .expandDims(2)
      .squeeze(),
  ),
  smooth('concat', { x: image(3, 4, 3), y: image(3, 4, 2) }, ({ x, y }) => tf.concat([x, y, x], 3)),
  smooth('stack and unstack', { x: image(3, 4, 3), y: image(3, 4, 3) }, ({ x, y }) =>
    tf
      .stack([x, y], 1)
      .unstack(1)[0]
      .add(tf.stack([x, y], 4).unstack(4)[1]),
  ),
  smooth('split', { x: image(3, 4, 6) }, ({ x }) => {
    const [a, b, c] = tf.split(x, [1, 2, 3], 3);
    return a.mul(b).sum().add(c.square().sum());
  }),
  smooth('reverse', { x: image(3, 4, 3) }, ({ x }) => tf.reverse(x, [1, 3])),
  smooth('stridedSlice', { x: floats([6, 7, 3]) }, ({ x }) =>
    tf.stridedSlice(x, [1, -1, 0], [6, 0, 3], [2, -3, 1]),
  ),
  smooth('gather', { x: floats([6, 7, 3]) }, ({ x }) => tf.gather(x, tf.tensor1d([0, 3, 2, 3], 'int32'), 1)),
  smooth('gather by a matrix', { x: floats([6, 3]), i: integers([2, 2], 0, 6) }, ({ x, i }) =>
    tf.gather(x, i as tf.Tensor1D),
  ),
  smooth('gatherND', { x: floats([6, 7, 3]) }, ({ x }) =>
    tf.gatherND(x, tf.tensor2d([0, 1, 5, 6, 0, 1], [3, 2], 'int32')),
  ),
  smooth('scatterND', { x: floats([3, 2]) }, ({ x }) =>
    tf.scatterND(tf.tensor2d([0, 1, 5, 6, 0, 1], [3, 2], 'int32'), x, [6, 7, 2]),
  ),
  smooth('unsortedSegmentSum', { x: floats([5, 3]) }, ({ x }) =>
    tf.unsortedSegmentSum(x, tf.tensor1d([0, 2, 2, 0, 3], 'int32'), 4).square(),
  ),
  forward('oneHot', { i: integers([2, 3, 4], -1, 7) }, ({ i }) => tf.oneHot(i, 5)),
  forward('oneHot with other values', { i: integers([4], 0, 3) }, ({ i }) => tf.oneHot(i, 3, 2, -1)),
  smooth('range and linspace', { x: floats([2, 5]) }, ({ x }) =>
    x.mul(tf.range(0, 5)).add(tf.linspace(-1, 1, 5)),
  ),
  forward('depthToSpace', { x: image(2, 3, 8) }, ({ x }) => tf.depthToSpace(as4d(x), 2)),
  smooth('broadcastTo', { x: floats([3, 1]) }, ({ x }) => tf.broadcastTo(x, [2, 3, 4]).square()),
  forward('mirrorPad', { x: image(4, 5, 2) }, ({ x }) => tf.mirrorPad(x, around(2), 'reflect')),
];
