import type { EditableGraph } from './editable-graph.js';

/** Whether a value serves only to find the largest of its channels, of equal ones the first. */
export function isOnlyRanked(graph: EditableGraph, name: string): boolean {
  if (graph.outputs.some((output) => output.name === name)) return false;
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(name));
  const [reader] = readers;
  if (reader === undefined || readers.length !== 1 || readsInside(graph, name)) return false;
  if (reader.opType === 'Resize') return isOnlyRanked(graph, reader.outputs[0] ?? '');
  const number = (attribute: string) => {
    const value = reader.attributes.get(attribute);
    return value?.kind === 'int' ? Number(value.value) : 0;
  };
  return reader.opType === 'ArgMax' && number('axis') === 1 && number('select_last_index') === 0;
}

function readsInside(graph: EditableGraph, name: string): boolean {
  return graph.nodes.some((node) =>
    [...node.graphs.values()].some(
      (body) =>
        body.outputs.some((output) => output.name === name) ||
        body.nodes.some(({ inputs }) => inputs.includes(name)) ||
        readsInside(body, name),
    ),
  );
}
