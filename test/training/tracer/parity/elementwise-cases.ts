import * as tf from '@tensorflow/tfjs';
import { floats } from '../parity.js';
import { forward, type ParityCase, smooth } from './parity-case.js';

const positive = (value: number): number => Math.abs(value) + 0.1;

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

export const ELEMENTWISE_CASES: readonly ParityCase[] = [
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
