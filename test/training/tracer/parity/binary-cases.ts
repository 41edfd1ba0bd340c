import * as tf from '@tensorflow/tfjs';
import { bools, floats, integers } from '../parity.js';
import { forward, image, type ParityCase, smooth } from './parity-case.js';

const positive = (value: number): number => Math.abs(value) + 0.1;

const comparisons: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  equal: tf.equal,
  notEqual: tf.notEqual,
};

const a3b = { a: floats([2, 3, 4]), b: floats([3, 1], positive) };
const ints = { a: integers([3, 4], -9, 10), b: integers([4], 1, 5) };

export const BINARY_CASES: readonly ParityCase[] = [
  smooth('add', a3b, ({ a, b }) => a.add(b)),
  smooth('sub', a3b, ({ a, b }) => b.sub(a)),
  smooth('mul', a3b, ({ a, b }) => a.mul(b)),
  smooth('div', a3b, ({ a, b }) => a.div(b)),
  smooth('pow', { a: floats([2, 3], positive), b: floats([3]) }, ({ a, b }) => a.pow(b)),
  smooth('squaredDifference', { a: floats([2, 3]), b: floats([2, 3]) }, ({ a, b }) =>
    tf.squaredDifference(a, b),
  ),
  smooth('maximum and minimum', { a: floats([2, 3]), b: floats([2, 3]) }, ({ a, b }) =>
    tf.maximum(a, b).mul(tf.minimum(a, b).add(2)),
  ),
  smooth('maximum of a broadcast operand', a3b, ({ a, b }) => tf.maximum(a, b)),
  smooth('prelu', { x: image(3, 4, 3), alpha: floats([3]) }, ({ x, alpha }) => tf.prelu(x, alpha)),
  forward('mod', a3b, ({ a, b }) => tf.mod(a, b)),
  forward('mod of integers', ints, ({ a, b }) => tf.mod(a, b)),
  forward('floorDiv', a3b, ({ a, b }) => tf.floorDiv(a, b)),
  forward('floorDiv of integers', ints, ({ a, b }) => tf.floorDiv(a, b)),
  forward('arithmetic of integers', ints, ({ a, b }) =>
    a.add(b).mul(a).sub(tf.maximum(a, b)).add(tf.minimum(a, b)),
  ),
  ...Object.entries(comparisons).map(([name, compare]) =>
    forward(name, ints, ({ a, b }) => compare(a.abs().floorDiv(tf.scalar(2, 'int32')), b)),
  ),
  forward('logical operations', { a: bools([3, 4]), b: bools([3, 4]) }, ({ a, b }) =>
    tf.logicalOr(tf.logicalAnd(a, b), tf.logicalNot(tf.logicalXor(a, b))),
  ),
  smooth('where', { c: bools([2, 3]), a: floats([2, 3]), b: floats([2, 3]) }, ({ c, a, b }) =>
    tf.where(c, a, b),
  ),
  forward('where of bools', { c: bools([4]), a: bools([4]), b: bools([4]) }, ({ c, a, b }) =>
    tf.where(c, a, b),
  ),
  smooth('addN', { a: floats([2, 3]), b: floats([2, 3]), c: floats([2, 3]) }, ({ a, b, c }) =>
    tf.addN([a, b, c]),
  ),
  smooth('cast', { a: floats([2, 3]), b: bools([2, 3]) }, ({ a, b }) =>
    a.mul(b.toFloat()).add(b.toInt().toFloat()),
  ),
  smooth('zerosLike, onesLike, fill', { a: floats([2, 3]) }, ({ a }) =>
    a
      .mul(tf.onesLike(a))
      .add(tf.zerosLike(a))
      .add(tf.fill([2, 3], 4)),
  ),
];
