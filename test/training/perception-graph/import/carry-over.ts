import { InferenceSession, type Tensor } from '../../../../models/onnxruntime.js';
import { GraphBuilder } from '../../../../training/onnx/graph-builder.js';
import type { Attribute, Graph, Node } from '../../../../training/onnx/model-proto.js';
import { encodeModel } from '../../../../training/onnx/model-proto.js';
import { type ForeignModel, readModel } from '../../../../training/onnx/read-model.js';
import { elementTypeOf } from '../../../../training/onnx/read-tensor.js';
import type { ElementType } from '../../../../training/onnx/tensor-data.js';
import { ForeignNetwork } from '../../../../training/perception-graph/import/foreign-network.js';

/** A node as tests write it. */
export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
  domain = '',
): Node {
  return { name: `n_${outputs[0]}`, opType, domain, inputs, outputs, attributes: Object.entries(attributes) };
}

export const ints = (...value: number[]): Attribute => ({ kind: 'ints', value });
export const int = (value: number): Attribute => ({ kind: 'int', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
export const floats = (...value: number[]): Attribute => ({ kind: 'floats', value });
export const graphAttribute = (value: Graph): Attribute => ({ kind: 'graph', value });
export const text = (value: string): Attribute => ({ kind: 'string', value });

/** A model `x` [shape] to `y` of an operator set. */
export function modelBytes(
  opset: number,
  nodes: readonly Node[],
  options: Partial<Graph> & {
    readonly shape?: readonly (number | string)[];
    readonly dtype?: ElementType;
    readonly opsets?: Readonly<Record<string, number>>;
  } = {},
): Uint8Array {
  const { shape = [1, 2, 3, 4], dtype = 'float32', opsets = {}, ...graph } = options;
  return encodeModel({
    graph: {
      name: 'foreign',
      nodes,
      initializers: [],
      inputs: [{ name: 'x', type: { dtype, shape } }],
      outputs: [{ name: 'y' }],
      ...graph,
    },
    opsets: new Map([['', opset], ...Object.entries(opsets)]),
    metadata: {},
  });
}

/** The model as part of another graph of a newer operator set. */
export function carriedOver(
  model: ForeignModel,
  opset: number,
  declared: ElementType = 'float32',
): Uint8Array {
  const g = new GraphBuilder('outer');
  const network = new ForeignNetwork(model, {
    ...{ opset, label: 'foreign' },
    constant: (graph, { source, dtype, shape }) => {
      if (!ArrayBuffer.isView(source)) throw new Error('no external data here');
      return graph.constant(source, dtype, shape);
    },
  });
  for (const { name, elementType, shape } of model.graph.inputs) {
    network.feed(name, g.input(`in_${name}`, elementTypeOf(elementType) ?? 'float32', shape ?? []));
  }
  const outputs = model.graph.outputs.map(({ name }) => name);
  for (const [i, value] of network.outputs(g, outputs).entries()) {
    g.output(`out_${outputs[i]}`, value, declared, ['?']);
  }
  return g.toModel({ opset });
}

/** What onnxruntime makes of the file itself, and of the file carried over. */
export async function bothWays(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  opset = 18,
): Promise<{ readonly direct: Tensor; readonly carried: Tensor }> {
  const run = async (model: Uint8Array, prefix: string): Promise<Tensor | undefined> => {
    const session = await InferenceSession.create(model, { logSeverityLevel: 4, intraOpNumThreads: 1 });
    const named = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [prefix + name, value]));
    const result = await session.run(named);
    await session.release();
    return Object.values(result)[0];
  };
  const direct = await run(bytes, '');
  const carried = await run(carriedOver(readModel(bytes, 'model'), opset), 'in_');
  if (direct === undefined || carried === undefined) throw new Error('a model without outputs');
  return { direct, carried };
}
