import { NUMBERS, opRule } from '../lower/op-rule.js';
import { broadcastType, lowerElementwise } from './elementwise.js';

/** Brings every normal float above 1: max(0, min(1, STEEP x)) is 1 where x > 0. One pass in parallel, unlike Greater and Cast. */
const STEEP = 3e38;

/** x > 0 ? 1 : alpha; the derivative of relu (alpha 0) and abs (alpha -1). NaN gives alpha here, NaN in TensorFlow.js. */
export const stepRule = opRule<{ alpha: number }>({
  kernelName: 'Step',
  accepts: NUMBERS,
  uniform: 'elementwise',
  infer: (call) => [broadcastType(call)],
  lower: ({ inputs, attributes: { alpha } }, graph) => {
    // relu(x) > 0 where x > 0: asked of the result, x itself need not be kept.
    const relu = graph.consumers(inputs.x).find(({ kernelName }) => kernelName === 'Relu');
    const x = relu?.outputs[0] ?? inputs.x;
    return [
      lowerElementwise(graph, [x], x.shape.length, ([operand]) => {
        if (alpha === 0 && x.dtype === 'float32') {
          return graph.builder.op('HardSigmoid', [operand], { alpha: { float: STEEP }, beta: { float: 0 } });
        }
        const positive = graph.builder.op('Greater', [operand, graph.scalar(0, x.dtype)]);
        if (alpha === 0) return graph.builder.op('Cast', [positive], { to: x.dtype === 'int32' ? 6 : 1 });
        return graph.builder.op('Where', [positive, graph.scalar(1, x.dtype), graph.scalar(alpha, x.dtype)]);
      }),
    ];
  },
});
