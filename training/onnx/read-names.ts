import type { Graph, Node } from './model-proto.js';

/** The graphs among a node's attributes. */
export function subgraphs(node: Node): Graph[] {
  return node.attributes.flatMap(([, attribute]) => (attribute.kind === 'graph' ? [attribute.value] : []));
}

/** Every name that a graph and the graphs inside it read; the outputs' are among them. */
export function readNames(graph: Graph): string[] {
  return [...graph.outputs.map(({ name }) => name), ...graph.nodes.flatMap(namesReadBy)];
}

/** Every name that a node and the graphs inside it read. */
export function namesReadBy(node: Node): string[] {
  return [...node.inputs, ...subgraphs(node).flatMap(readNames)];
}
