import { allNodes, type EditableGraph } from './editable-graph.js';

/** Values that nodes read in a graph inside of the one that makes them. */
export function capturedValues(graph: EditableGraph): ReadonlySet<string> {
  const captured = new Set<string>();
  const visit = (inner: EditableGraph): void => {
    const own = new Set([
      ...inner.inputs.map(({ name }) => name),
      ...inner.nodes.flatMap(({ outputs }) => outputs),
    ]);
    for (const { node, graph: home } of allNodes(inner))
      if (home !== inner) for (const name of node.inputs) if (own.has(name)) captured.add(name);
    for (const node of inner.nodes) for (const body of node.graphs.values()) visit(body);
  };
  visit(graph);
  return captured;
}
