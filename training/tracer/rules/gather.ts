import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';
import { identityOrder } from '../lower/layout.js';
import { type OpRule, opRule } from '../lower/op-rule.js';

export const gatherRules: readonly OpRule[] = [
  opRule<{ axis: number; batchDims: number }>({
    kernelName: 'GatherV2',
    accepts: { indices: ['int32'] },
    infer: ({ inputs: { x, indices }, attributes: { axis, batchDims } }) => {
      if (batchDims !== 0) throw new TrainingError(`gather: expected batchDims \`0\`, got ${batchDims}`);
      const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
      return [
        {
          shape: [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)],
          dtype: x.dtype,
        },
      ];
    },
    lower: ({ inputs: { x, indices }, outputs, attributes: { axis } }, graph) => {
      const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
      const order = indices.shape.length === 1 ? graph.order(x) : identityOrder(x.shape.length);
      const name = graph.builder.op('Gather', [graph.read(x, order), graph.read(indices)], {
        axis: order.indexOf(along),
      });
      return [{ name, order: indices.shape.length === 1 ? order : identityOrder(outputs[0].shape.length) }];
    },
  }),
  opRule({
    kernelName: 'GatherNd',
    accepts: { indices: ['int32'] },
    infer: ({ opName, inputs: { params, indices } }) => {
      const depth = indices.shape[indices.shape.length - 1];
      if (!(depth <= params.shape.length)) {
        throw new TrainingError(
          `${opName}: expected indices of at most \`${params.shape.length}\` axes for [${params.shape}], got [${indices.shape}]`,
        );
      }
      return [{ shape: [...indices.shape.slice(0, -1), ...params.shape.slice(depth)], dtype: params.dtype }];
    },
    lower: ({ inputs: { params, indices }, outputs }, graph) => {
      const g = graph.builder;
      const where = g.op('Cast', [graph.read(indices)], { to: 7 });
      const name = g.op('GatherND', [graph.read(params), where]);
      return [{ name, order: identityOrder(outputs[0].shape.length) }];
    },
  }),
];
