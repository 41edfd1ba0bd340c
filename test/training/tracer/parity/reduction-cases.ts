import * as tf from '@tensorflow/tfjs';
import { bools, floats, integers } from '../parity.js';
import { forward, image, type ParityCase, smooth } from './parity-case.js';

export const REDUCTION_CASES: readonly ParityCase[] = [
  smooth('sum, mean, max, min', { x: image(3, 4, 5) }, ({ x }) =>
    x
      .mean([1, 2])
      .add(x.sum([1, 3]).sum(1, true))
      .add(x.max([1, 2]))
      .sub(x.min([1, 2])),
  ),
  smooth('sum of squares', { x: image(3, 4, 5) }, ({ x }) =>
    x.square().mean([0, 1, 2]).add(x.square().sum(3).sum()),
  ),
  smooth('prod', { x: floats([3, 4]) }, ({ x }) => x.prod(1)),
  forward('sum and mean of integers', { x: integers([3, 4], -5, 9) }, ({ x }) =>
    tf.sum(x, 1).toFloat().add(tf.mean(x, 1)),
  ),
  forward('all and any', { x: bools([3, 4, 2]) }, ({ x }) => tf.all(x, 1).logicalOr(tf.any(x, [1]))),
  forward('argMax', { x: image(3, 4, 5) }, ({ x }) => tf.argMax(x, 3)),
  forward('argMin', { x: image(3, 4, 5) }, ({ x }) => tf.argMin(x, 1)),
  smooth('cumsum', { x: floats([3, 4, 5]) }, ({ x }) => tf.cumsum(x, 2).mul(tf.cumsum(x, 2, true, true))),
  smooth('cumsum along an inner axis', { x: floats([3, 4, 5]) }, ({ x }) => tf.cumsum(x, 1)),
  forward('cumprod', { x: image(3, 4, 5) }, ({ x }) => tf.cumprod(x, 1).add(tf.cumprod(x, 2, true, true))),
  smooth('softmax and logSoftmax', { x: image(3, 4, 5) }, ({ x }) => tf.softmax(x).add(tf.logSoftmax(x))),
  smooth(
    'cross-entropy that ignores labels',
    { x: image(3, 4, 5), l: integers([2, 3, 4], 0, 7) },
    ({ x, l }) => {
      const target = tf.oneHot(l, 5).toFloat();
      return target
        .mul(x.sub(tf.logSumExp(x, 3, true)))
        .sum()
        .neg()
        .div(target.sum());
    },
  ),
];
