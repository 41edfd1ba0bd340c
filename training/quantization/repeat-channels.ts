import type { EditableGraph, EditableNode } from './editable-graph.js';
import { plainNode } from './plain-node.js';

/**
 * Bytes [1, C, H, W] with their first channels once more behind them, for weights of zero. It is the least work that gives a
 * convolution another number of channels.
 * @param graph gains constants. @param count channels, and how many to add: at most as many, or any of one channel.
 */
export function repeatChannels(
  graph: EditableGraph,
  bytes: string,
  filled: string,
  { channels, extra }: { readonly channels: number; readonly extra: number },
): EditableNode[] {
  const axis = { axis: { kind: 'int', value: 1 } } as const;
  if (extra % channels === 0) {
    const copies = Array.from({ length: 1 + extra / channels }, () => bytes);
    return [plainNode('Concat', copies, filled, axis)];
  }
  const names = ['from', 'to', 'axes'].map((part) => `${filled}.${part}`);
  for (const [i, value] of [0, extra, 1].entries())
    graph.constants.set(names[i] ?? '', {
      dtype: 'int64',
      shape: [1],
      data: BigInt64Array.of(BigInt(value)),
    });
  const first = `${filled}.first`;
  return [plainNode('Slice', [bytes, ...names], first), plainNode('Concat', [bytes, first], filled, axis)];
}
