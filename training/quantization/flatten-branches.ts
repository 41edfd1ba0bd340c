import type { TensorLiteral, ValueInfo } from '../onnx/model-proto.js';
import { type EditableGraph, type EditableNode, namesRead } from './editable-graph.js';

/**
 * The graph with the `then` branch of every `If` written out, and of that what the wanted values need. So it makes a graph
 * whose inner values can be looked at.
 */
export function flattenBranches(graph: EditableGraph, wanted: readonly string[]): EditableGraph {
  const constants = new Map<string, TensorLiteral>();
  const nodes: EditableNode[] = [];
  const visit = (inner: EditableGraph): void => {
    for (const [name, constant] of inner.constants) constants.set(name, constant);
    for (const node of inner.nodes) {
      const branch = node.opType === 'If' ? node.graphs.get('then_branch') : undefined;
      if (branch === undefined) {
        nodes.push({ ...node });
        continue;
      }
      visit(branch);
      for (const [i, output] of node.outputs.entries()) {
        const value = branch.outputs[i]?.name ?? '';
        nodes.push(identity(value, output));
      }
    }
  };
  visit(graph);
  const needed = new Set(wanted);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false;
    for (const name of namesRead(node)) needed.add(name);
    return true;
  });
  const outputs: ValueInfo[] = wanted.map((name) => ({ name }));
  return {
    name: graph.name,
    nodes: kept.toReversed(),
    constants: new Map([...constants].filter(([name]) => needed.has(name))),
    inputs: graph.inputs,
    outputs,
  };
}

function identity(input: string, output: string): EditableNode {
  return {
    name: output,
    opType: 'Identity',
    domain: '',
    inputs: [input],
    outputs: [output],
    attributes: new Map(),
    graphs: new Map(),
  };
}
