import type { Initializer, Node } from './model-proto.js';
import { namesReadBy } from './read-names.js';

/** Ops through which onnxruntime's optimiser moves a Transpose towards the results. */
const PASSED_BY_TRANSPOSES = new Set(['Add', 'Concat', 'Mul', 'ReduceSum', 'Reshape', 'Slice', 'Sum']);

/** Ops that the optimiser leaves as they are at the end of a graph. */
const STAYS = new Set([...PASSED_BY_TRANSPOSES, 'Div', 'Expand', 'Identity', 'ReduceMean']);

/** Shape of a copy: broadcast against it, every tensor keeps its own. */
const ANY_SHAPE: Initializer = {
  name: 'results-as-made:any-shape',
  dtype: 'int64',
  shape: [0],
  source: new BigInt64Array(),
};

/**
 * The nodes of a graph, ordered so that onnxruntime computes each result as soon as the values that it is made of are there.
 * So their memory is free early.
 *
 * onnxruntime does not heed the order of nodes as such. It begins with the last one that no other node reads, and computes
 * what that one needs. In a backward pass that is the gradient of the first layer. Activations and gradients of all layers
 * then stay until the network has been passed once. So the nodes that nobody reads stand last here, what is made first at the
 * very end. One that the optimiser would replace, and thereby move, hands its result to a copy.
 * @param nodes in an order in which they can be computed.
 */
export function resultsAsMade(nodes: readonly Node[]): Ordered {
  const read = new Set(nodes.flatMap(namesReadBy));
  const made = new Map(nodes.flatMap(({ outputs }, i) => outputs.map((name) => [name, i] as const)));
  const places = (node: Node) => namesReadBy(node).map((name) => made.get(name) ?? -1);
  const transposed: boolean[] = [];
  for (const node of nodes) {
    const passes = PASSED_BY_TRANSPOSES.has(node.opType) && places(node).some((place) => transposed[place]);
    transposed.push(node.opType === 'Transpose' || passes);
  }
  const isResult = nodes.map(({ outputs }) => !outputs.some((name) => read.has(name)));
  const results = nodes
    .map((node, i) => ({
      node,
      ready: Math.max(-1, ...places(node)),
      stays: STAYS.has(node.opType) && !transposed[i],
    }))
    .filter((_, i) => isResult[i])
    .sort((a, b) => a.ready - b.ready)
    .map(({ node, stays }) => (stays || node.outputs.length > 1 ? { last: node } : copied(node)))
    .reverse();
  const originals = results.flatMap(({ original }) => (original === undefined ? [] : [original]));
  return {
    nodes: [...nodes.filter((_, i) => !isResult[i]), ...originals, ...results.map(({ last }) => last)],
    initializers: originals.length > 0 ? [ANY_SHAPE] : [],
  };
}

interface Ordered {
  readonly nodes: Node[];
  /** What the copies need. */
  readonly initializers: readonly Initializer[];
}

/** The node under another result's name, and the copy that has the result's own. */
function copied(node: Node): { readonly original?: Node; readonly last: Node } {
  const [result = ''] = node.outputs;
  const name = `${result}:original`;
  return {
    original: { ...node, outputs: [name] },
    last: {
      ...{ name: `${node.name}_copy`, opType: 'Expand', domain: '', attributes: [] },
      inputs: [name, ANY_SHAPE.name],
      outputs: [result],
    },
  };
}
