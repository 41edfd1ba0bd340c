import * as tf from '@tensorflow/tfjs';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import { NUMBERS, type OpRule, opRule } from '../lower/op-rule.js';

/** The first of equal extremes. */
function argExtreme(kernelName: 'ArgMax' | 'ArgMin'): OpRule {
  return opRule<{ axis: number }>({
    kernelName,
    accepts: NUMBERS,
    infer: ({ inputs: { x }, attributes: { axis } }) => {
      const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
      return [{ shape: x.shape.filter((_, i) => i !== along), dtype: 'int32' }];
    },
    lower: ({ inputs: { x }, attributes: { axis } }, graph) => {
      const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
      const order = graph.order(x);
      const index = graph.builder.op(kernelName, [graph.read(x, order)], {
        axis: order.indexOf(along),
        keepdims: 0,
      });
      return [
        {
          name: graph.builder.op('Cast', [index], { to: ELEMENT_TYPES.int32 }),
          order: order.filter((i) => i !== along).map((i) => (i > along ? i - 1 : i)),
        },
      ];
    },
  });
}

export const argMaxRules: readonly OpRule[] = [argExtreme('ArgMax'), argExtreme('ArgMin')];
