import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';
import { NCHW } from '../lower/layout.js';
import { FLOATS, opRule } from '../lower/op-rule.js';
import { lowerElementwise } from './elementwise.js';

/** scale (x - mean) / sqrt(variance + epsilon) + offset. */
export const fusedBatchNormRule = opRule<{ varianceEpsilon: number }>({
  kernelName: 'FusedBatchNorm',
  accepts: FLOATS,
  infer: ({ opName, inputs: { x, ...parameters } }) => {
    for (const [name, { shape }] of Object.entries(parameters)) {
      const joint = tf.backend_util.assertAndGetBroadcastShape([...x.shape], [...shape]);
      if (joint.join() === x.shape.join()) continue;
      throw new TrainingError(
        `${opName}: expected \`${name}\` to broadcast to \`[${x.shape}]\`, got [${shape}]`,
      );
    }
    return [x];
  },
  lower: ({ inputs: { x, mean, variance, offset, scale }, attributes: { varianceEpsilon } }, graph) => {
    const g = graph.builder;
    const parameters = [mean, variance, offset, scale].filter((value) => value !== undefined);
    const channels = x.shape[3];
    if (x.shape.length === 4 && parameters.every(({ shape }) => shape.join() === `${channels}`)) {
      const all = (number: number): string =>
        g.constant(new Float32Array(channels).fill(number), 'float32', [channels]);
      const name = g.op(
        'BatchNormalization',
        [
          graph.read(x, NCHW),
          scale === undefined ? all(1) : graph.read(scale),
          offset === undefined ? all(0) : graph.read(offset),
          graph.read(mean),
          graph.read(variance),
        ],
        { epsilon: { float: varianceEpsilon } },
      );
      return [{ name, order: NCHW }];
    }
    const values = [x, mean, variance];
    if (scale !== undefined) values.push(scale);
    if (offset !== undefined) values.push(offset);
    return [
      lowerElementwise(graph, values, x.shape.length, ([image, center, spread, ...rest]) => {
        const deviation = g.op('Sqrt', [g.op('Add', [spread, graph.scalar(varianceEpsilon)])]);
        const normal = g.op('Div', [g.op('Sub', [image, center]), deviation]);
        const scaled = scale === undefined ? normal : g.op('Mul', [normal, rest[0]]);
        return offset === undefined ? scaled : g.op('Add', [scaled, rest[rest.length - 1]]);
      }),
    ];
  },
});
