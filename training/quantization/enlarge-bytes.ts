import type { TensorLiteral } from '../onnx/model-proto.js';
import { type EditableGraph, type EditableNode, findConstant } from './editable-graph.js';
import { plainNode } from './plain-node.js';

/** Whole factors, down and across, by which a node copies pixels; undefined where it does something else. */
export function copyFactors(
  node: EditableNode,
  scopes: readonly EditableGraph[],
): readonly [number, number] | undefined {
  const { opType, inputs, attributes } = node;
  const text = (name: string) => {
    const value = attributes.get(name);
    return value?.kind === 'string' ? value.value : undefined;
  };
  if (opType !== 'Resize' || (text('mode') ?? 'nearest') !== 'nearest') return undefined;
  const floors = (text('nearest_mode') ?? 'round_prefer_floor') === 'floor';
  if (text('coordinate_transformation_mode') !== 'asymmetric' || !floors) return undefined;
  const scales = [...(findConstant(scopes, inputs[2] ?? '')?.data ?? [])].map(Number);
  const [batch, channels, down = 0, across = 0] = scales;
  const isWhole = scales.length === 4 && batch === 1 && channels === 1;
  return isWhole && [down, across].every((factor) => Number.isInteger(factor) && factor > 0)
    ? [down, across]
    : undefined;
}

/**
 * Pixels copied down and across, of bytes: [1, C, H, W] -> [1, C, down H, across W]. onnxruntime keeps the channels of a pixel beside
 * each other for its 8-bit convolutions, and its own Resize then takes six times as long.
 * @param graph gains a constant.
 */
export function enlargeBytes(
  graph: EditableGraph,
  bytes: string,
  enlarged: string,
  [down, across]: readonly [number, number],
): EditableNode[] {
  const part = (name: string) => `${enlarged}.${name}`;
  const copies = (value: string, count: number) => Array.from({ length: count }, () => value);
  const factors: TensorLiteral = {
    dtype: 'int64',
    shape: [4],
    data: BigInt64Array.from([1, down, across, 1], BigInt),
  };
  graph.constants.set(part('factors'), factors);
  const axis = (value: number) => ({ axis: { kind: 'int', value } }) as const;
  return [
    transposeNode(bytes, part('pixels'), TO_PIXELS),
    plainNode('Shape', [part('pixels')], part('small')),
    plainNode('Mul', [part('small'), part('factors')], part('large')),
    plainNode('Concat', copies(part('pixels'), across), part('wide'), axis(3)),
    plainNode('Concat', copies(part('wide'), down), part('both'), axis(2)),
    plainNode('Reshape', [part('both'), part('large')], part('copied')),
    transposeNode(part('copied'), enlarged, TO_PLANES),
  ];
}

/** [B, C, H, W] -> [B, H, W, C]. */
export const TO_PIXELS = [0, 2, 3, 1] as const;
/** The other way. */
export const TO_PLANES = [0, 3, 1, 2] as const;

/** A Transpose: axis i of the output is axis `perm[i]` of the input. */
export function transposeNode(input: string, output: string, perm: readonly number[]): EditableNode {
  return plainNode('Transpose', [input], output, { perm: { kind: 'ints', value: perm } });
}
