import { type OpRule, opRule } from '../op-rule.js';

function softmax(kernelName: 'Softmax' | 'LogSoftmax'): OpRule {
  return opRule<{ dim?: number; axis?: number }>({
    kernelName,
    infer: ({ inputs: { logits } }) => [logits],
    lower: ({ inputs: { logits }, attributes }, graph) => {
      const axis = attributes.dim ?? attributes.axis ?? -1;
      const along = axis < 0 ? axis + logits.shape.length : axis;
      const order = graph.order(logits);
      const name = graph.builder.op(kernelName, [graph.read(logits, order)], { axis: order.indexOf(along) });
      return [{ name, order }];
    },
  });
}

export const softmaxRules: readonly OpRule[] = [softmax('Softmax'), softmax('LogSoftmax')];
