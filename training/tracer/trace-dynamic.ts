import { TrainingError } from '../errors.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import type { Initializer } from '../onnx/model-proto.js';
import { bytesOf } from '../onnx/tensor-data.js';
import { orderOf, physicalShape } from './lower/layout.js';
import type { TracedFunction } from './trace/record.js';
import { type GraphInput, type GraphOutput, traceInto } from './trace-into.js';

/**
 * Like `traceInto`, for graphs that serve inputs of any size. `fn` is traced a second time with inputs of other shapes. Both
 * traces must give the same nodes and constants, so that no size is baked in. The other shapes should differ in every extent
 * that may vary, and by odd factors: 64x96 and 96x160, say, rather than 64x96 and 128x192.
 *
 * @param otherShapes logical shapes of the inputs that may vary, by name.
 * @throws TrainingError naming the first op that depends on the size.
 */
export function traceDynamic(
  builder: GraphBuilder,
  fn: TracedFunction,
  inputs: Readonly<Record<string, GraphInput>>,
  otherShapes: Readonly<Record<string, readonly number[]>>,
): Record<string, GraphOutput> {
  for (const name of Object.keys(otherShapes)) {
    if (inputs[name] === undefined) throw new TrainingError(`traceDynamic: there is no input \`${name}\``);
  }
  const others: Record<string, GraphInput> = {};
  for (const [name, input] of Object.entries(inputs)) {
    others[name] = { ...input, shape: otherShapes[name] ?? input.shape };
  }
  compare(scratchGraph(fn, inputs), scratchGraph(fn, others));
  return traceInto(builder, { fn, inputs });
}

type Contents = ReturnType<GraphBuilder['contents']>;

/** The graph of `fn` alone. */
function scratchGraph(fn: TracedFunction, inputs: Readonly<Record<string, GraphInput>>): Contents {
  const builder = new GraphBuilder('scratch');
  const scratchInputs = Object.entries(inputs).map(([name, input]) => {
    const shape = physicalShape(input.shape, orderOf(input.layout, input.shape.length));
    return [name, { ...input, value: builder.input(name, input.dtype, shape) }] as const;
  });
  const outputs = traceInto(builder, { fn, inputs: Object.fromEntries(scratchInputs) });
  for (const [name, output] of Object.entries(outputs)) {
    builder.output(`output ${name}`, output.value(), output.dtype, output.shape);
  }
  return builder.contents();
}

function compare(a: Contents, b: Contents): void {
  const constants = [a, b].map(
    ({ initializers }) => new Map(initializers.map((tensor) => [tensor.name, tensor])),
  );
  const twins = new Map<string, string>();
  for (const [i, node] of a.nodes.entries()) {
    const other = b.nodes[i];
    const same =
      other !== undefined &&
      node.opType === other.opType &&
      JSON.stringify(node.attributes) === JSON.stringify(other.attributes) &&
      node.inputs.length === other.inputs.length &&
      node.inputs.every((name, k) => {
        const constant = constants[0].get(name);
        if (constant !== undefined) return sameConstant(constant, constants[1].get(other.inputs[k]));
        return (twins.get(name) ?? name) === other.inputs[k];
      });
    for (const [k, output] of node.outputs.entries()) twins.set(output, other?.outputs[k] ?? '');
    if (!same) {
      throw new TrainingError(
        `the op \`${node.name.split('/')[0]}\` (ONNX ${node.opType}) depends on the size of its inputs: traced at another ` +
          'size it differs, so the graph would only serve the size it was traced at',
      );
    }
  }
  if (a.nodes.length !== b.nodes.length) {
    throw new TrainingError('the traced function takes another course for inputs of another size');
  }
}

function sameConstant(a: Initializer, b: Initializer | undefined): boolean {
  if (b === undefined) return false;
  if (!ArrayBuffer.isView(a.source) || !ArrayBuffer.isView(b.source)) return a.name === b.name;
  return (
    a.dtype === b.dtype &&
    a.shape.join() === b.shape.join() &&
    Buffer.compare(bytesOf(a.source), bytesOf(b.source)) === 0
  );
}
