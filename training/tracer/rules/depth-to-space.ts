import { NCHW } from '../lower/layout.js';
import { opRule } from '../lower/op-rule.js';

export const depthToSpaceRule = opRule<{ blockSize: number; dataFormat: 'NHWC' | 'NCHW' }>({
  kernelName: 'DepthToSpace',
  infer: ({ inputs: { x }, attributes: { blockSize } }) => {
    const [batch, height, width, depth] = x.shape;
    return [
      { shape: [batch, height * blockSize, width * blockSize, depth / blockSize ** 2], dtype: x.dtype },
    ];
  },
  lower: ({ inputs: { x }, attributes: { blockSize } }, graph) => {
    const name = graph.builder.op('DepthToSpace', [graph.read(x, NCHW)], {
      blocksize: blockSize,
      mode: 'DCR',
    });
    return [{ name, order: NCHW }];
  },
});
