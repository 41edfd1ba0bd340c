import type { Attribute } from '../onnx/model-proto.js';
import type { EditableNode } from './editable-graph.js';

/** A node of ONNX's own operators with one output. */
export function plainNode(
  opType: string,
  inputs: string[],
  output: string,
  attributes: Readonly<Record<string, Attribute>> = {},
): EditableNode {
  return {
    name: `${opType}:${output}`,
    opType,
    domain: '',
    inputs,
    outputs: [output],
    attributes: new Map(Object.entries(attributes)),
    graphs: new Map(),
  };
}
