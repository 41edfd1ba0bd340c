import { type ConvAttributes, convAttributes, convGeometry } from '../conv-geometry.js';
import { NCHW, OIHW } from '../layout.js';
import { opRule } from '../op-rule.js';

export const conv2dRule = opRule<ConvAttributes>({
  kernelName: 'Conv2D',
  infer: ({ opName, inputs: { x, filter }, attributes }) => [
    { shape: convGeometry(opName, x.shape, filter.shape, attributes).outShape, dtype: x.dtype },
  ],
  lower: ({ opName, inputs: { x, filter }, attributes }, graph) => {
    const geometry = convGeometry(opName, x.shape, filter.shape, attributes);
    const operands = [graph.read(x, NCHW), graph.read(filter, OIHW)];
    return [{ name: graph.builder.op('Conv', operands, convAttributes(geometry)), order: NCHW }];
  },
});
