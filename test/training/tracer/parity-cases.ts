import * as tf from '@tensorflow/tfjs';
import { batchNormTraining } from '../../../training/ops/batch-norm-training.js';
import { reflectionPad } from '../../../training/ops/reflection-pad.js';
import { scaleGradient } from '../../../training/ops/scale-gradient.js';
import { stopGradient } from '../../../training/ops/stop-gradient.js';
import { upsampleNearest } from '../../../training/ops/upsample-nearest.js';
import { bools, floats, integers, type Samples } from './parity.js';

type Inputs = Record<string, tf.Tensor>;

/** A function to be compared with eager TensorFlow.js. */
export interface ParityCase {
  readonly title: string;
  readonly samples: Samples;
  readonly fn: (inputs: Inputs) => tf.Tensor;
  /** Gradients by all float inputs are compared too, unless TensorFlow.js has none or a wrong one. */
  readonly gradients: boolean;
}

const positive = (value: number): number => Math.abs(value) + 0.1;
const image = (h: number, w: number, c: number) => floats([2, h, w, c]);
const around = (n: number): [[number, number], [number, number], [number, number], [number, number]] => [
  [0, 0],
  [n, n],
  [n, n],
  [0, 0],
];
/** TensorFlow.js takes explicit paddings for pooling; its typings do not say so. */
const poolPad = (n: number): number => around(n) as unknown as number;
const as4d = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;
const as2d = (x: tf.Tensor): tf.Tensor2D => x as tf.Tensor2D;

function smooth(title: string, samples: Samples, fn: (inputs: Inputs) => tf.Tensor): ParityCase {
  return { title, samples, fn, gradients: true };
}

function forward(title: string, samples: Samples, fn: (inputs: Inputs) => tf.Tensor): ParityCase {
  return { title, samples, fn, gradients: false };
}

const unaries: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  abs: tf.abs,
  asin: tf.asin,
  acos: tf.acos,
  asinh: tf.asinh,
  atan: tf.atan,
  atanh: tf.atanh,
  cos: tf.cos,
  cosh: tf.cosh,
  elu: tf.elu,
  erf: tf.erf,
  exp: tf.exp,
  expm1: tf.expm1,
  neg: tf.neg,
  reciprocal: tf.reciprocal,
  relu: tf.relu,
  relu6: (x) => tf.relu6(x.mul(10)),
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  sin: tf.sin,
  sinh: tf.sinh,
  softplus: tf.softplus,
  square: tf.square,
  step: (x) => x.mul(tf.step(x, 0.3)),
  tan: tf.tan,
  tanh: tf.tanh,
  leakyRelu: (x) => tf.leakyRelu(x, 0.1),
  clipByValue: (x) => tf.clipByValue(x, -0.5, 0.5),
};

const ofPositive: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  log: tf.log,
  log1p: tf.log1p,
  rsqrt: tf.rsqrt,
  sqrt: tf.sqrt,
  acosh: (x) => tf.acosh(x.add(1)),
};

const stepped: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  ceil: tf.ceil,
  floor: tf.floor,
  round: tf.round,
  sign: tf.sign,
  isFinite: (x) => tf.isFinite(tf.log(x)),
  isInf: (x) => tf.isInf(tf.log(tf.relu(x))),
  isNaN: (x) => tf.isNaN(tf.sqrt(x)),
};

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

const binaries: ParityCase[] = [
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

const shapes: ParityCase[] = [
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

const reductions: ParityCase[] = [
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

const products: ParityCase[] = [
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

const images: ParityCase[] = [
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

const elementwise = [
  ...Object.entries(unaries).map(([name, fn]) =>
    smooth(name, { x: floats([2, 3, 4]) }, ({ x }) => fn(x.mul(0.9))),
  ),
  ...Object.entries(ofPositive).map(([name, fn]) =>
    smooth(name, { x: floats([2, 3], positive) }, ({ x }) => fn(x)),
  ),
  ...Object.entries(stepped).map(([name, fn]) =>
    forward(name, { x: floats([2, 3]) }, ({ x }) => fn(x.mul(3))),
  ),
];

export const PARITY_CASES: readonly ParityCase[] = [
  ...elementwise,
  ...binaries,
  ...shapes,
  ...reductions,
  ...products,
  ...images,
];
