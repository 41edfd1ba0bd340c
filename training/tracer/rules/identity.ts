import { opRule } from '../lower/op-rule.js';

export const identityRule = opRule({
  kernelName: 'Identity',
  infer: ({ inputs: { x } }) => [x],
  simplify: ({ inputs: { x } }) => x,
  lower: ({ inputs: { x } }, graph) => [graph.lowered(x)],
});
