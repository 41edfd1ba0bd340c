import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../onnx/tensor-data.js';
import { type OpRule, opRule } from '../lower/op-rule.js';
import type { TensorType, Value } from '../trace/trace.js';
import { lowerReshape } from './lower-reshape.js';

/** The constant or the input itself, where no reshaping is needed. */
function reshaped(x: Value, type: TensorType): Value | undefined {
  return x.shape.join() === type.shape.join() ? x : undefined;
}

export const reshapeRules: readonly OpRule[] = [
  opRule<{ shape: number[] }>({
    kernelName: 'Reshape',
    uniform: 'moves',
    infer: ({ inputs: { x }, attributes: { shape } }) => [
      { shape: tf.util.inferFromImplicitShape([...shape], sizeOf(x.shape)), dtype: x.dtype },
    ],
    simplify: ({ inputs: { x } }, type) => reshaped(x, type),
    lower: ({ inputs: { x }, outputs }, graph) => [lowerReshape(graph, x, outputs[0].shape)],
  }),
  opRule<{ dim: number }>({
    kernelName: 'ExpandDims',
    uniform: 'moves',
    infer: ({ inputs: { input }, attributes: { dim } }) => {
      const shape = [...input.shape];
      shape.splice(dim < 0 ? shape.length + 1 + dim : dim, 0, 1);
      return [{ shape, dtype: input.dtype }];
    },
    lower: ({ inputs: { input }, outputs }, graph) => [lowerReshape(graph, input, outputs[0].shape)],
  }),
];
