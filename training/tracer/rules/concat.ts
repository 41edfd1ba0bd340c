import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';
import { sizeOf } from '../../onnx/tensor-data.js';
import { type OpRule, opRule } from '../lower/op-rule.js';
import { describeType, type Value } from '../trace/trace.js';
import { lowerReshape } from './lower-reshape.js';

/** @param except an axis whose extents may differ. */
function checkAlike(opName: string, values: readonly Value[], except?: number): void {
  const [first] = values;
  for (const value of values) {
    if (except !== undefined && sizeOf(value.shape) === 0) continue;
    const alike = value.shape.every((extent, axis) => axis === except || extent === first.shape[axis]);
    if (alike && value.shape.length === first.shape.length && value.dtype === first.dtype) continue;
    const where = except === undefined ? '' : ` but for axis ${except}`;
    throw new TrainingError(
      `${opName}: expected tensors like the first, \`${describeType(first)}\`${where}, got ${describeType(value)}`,
    );
  }
}

export const concatRules: readonly OpRule[] = [
  opRule<{ axis: number }>({
    kernelName: 'Concat',
    infer: ({ opName, inputs, attributes: { axis } }) => {
      const values = Object.values(inputs);
      const [along] = tf.util.parseAxisParam(axis, [...values[0].shape]);
      const shapes = values.map(({ shape }) => [...shape]);
      checkAlike(opName, values, along);
      return [{ shape: tf.backend_util.computeOutShape(shapes, along), dtype: values[0].dtype }];
    },
    simplify: ({ inputs }) => {
      const filled = Object.values(inputs).filter(({ shape }) => sizeOf(shape) > 0);
      return filled.length === 1 ? filled[0] : undefined;
    },
    lower: ({ inputs, attributes: { axis } }, graph) => {
      const values = Object.values(inputs).filter(({ shape }) => sizeOf(shape) > 0);
      const rank = values[0].shape.length;
      const [along] = tf.util.parseAxisParam(axis, [...values[0].shape]);
      const order = graph.commonOrder(values, rank);
      const names = values.map((value) => graph.read(value, order));
      return [{ name: graph.builder.op('Concat', names, { axis: order.indexOf(along) }), order }];
    },
  }),
  opRule<{ axis: number }>({
    kernelName: 'Pack',
    infer: ({ opName, inputs, attributes: { axis } }) => {
      const values = Object.values(inputs);
      const shape = [...values[0].shape];
      checkAlike(opName, values);
      shape.splice(axis < 0 ? axis + shape.length + 1 : axis, 0, values.length);
      return [{ shape, dtype: values[0].dtype }];
    },
    lower: ({ inputs, outputs, attributes: { axis } }, graph) => {
      const rank = outputs[0].shape.length;
      const along = axis < 0 ? axis + rank : axis;
      const parts = Object.values(inputs).map((value) => {
        const shape = [...value.shape];
        shape.splice(along, 0, 1);
        return graph.temporary({ shape, dtype: value.dtype }, lowerReshape(graph, value, shape));
      });
      const order = graph.commonOrder(parts, rank);
      const names = parts.map((part) => graph.read(part, order));
      return [{ name: graph.builder.op('Concat', names, { axis: order.indexOf(along) }), order }];
    },
  }),
];
