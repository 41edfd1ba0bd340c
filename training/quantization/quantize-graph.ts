import { TrainingError } from '../errors.js';
import type { TensorLiteral } from '../onnx/model-proto.js';
import {
  dropUnreadConstants,
  type EditableGraph,
  type EditableNode,
  findConstant,
} from './editable-graph.js';
import type { QuantizationPlan } from './quantization-plan.js';
import type { ByteScale } from './value-range.js';

export interface QuantizationChoice {
  readonly plan: QuantizationPlan;
  /** Scales of values by name, of all that the plan may round. */
  readonly scales: ReadonlyMap<string, ByteScale>;
  /** Convolutions, by id, that stay in float. */
  readonly float: ReadonlySet<string>;
  /** Means of every input channel of the convolutions, by id: rounding of the weights then shifts no channel's mean. */
  readonly inputMeans: ReadonlyMap<string, Float64Array>;
}

/** A graph while its nodes are written anew. */
interface RewrittenGraph {
  readonly graph: EditableGraph;
  /** Itself and those around it, where constants are looked for. */
  readonly scopes: readonly EditableGraph[];
  /** Its nodes so far. */
  readonly out: EditableNode[];
}

/**
 * Rounds a graph to 8 bits in place, in ONNX's QDQ form: a value is written as QuantizeLinear and DequantizeLinear, which
 * onnxruntime joins with the node between into an integer one. Activations have one scale and zero point each, weights one
 * scale an output channel.
 */
export function quantizeGraph(graph: EditableGraph, choice: QuantizationChoice): void {
  const rounded = roundedValues(choice);
  new Rounding(choice, rounded).apply(graph, []);
  dropUnreadConstants(graph);
}

interface Rounded {
  /** Ids of the nodes that work on 8-bit values. */
  readonly nodes: ReadonlySet<string>;
  /** Scale of every value that is rounded. */
  readonly scales: ReadonlyMap<string, ByteScale>;
  /** Values that come out of such nodes. */
  readonly produced: ReadonlySet<string>;
}

/** Convolutions take and give bytes; other nodes join where all that they read is bytes already. */
function roundedValues({ plan, scales, float }: QuantizationChoice): Rounded {
  const nodes = new Set<string>();
  const produced = new Set<string>();
  const used = new Map<string, ByteScale>();
  const scaleOf = (name: string): ByteScale => {
    const scale = scales.get(name);
    if (scale === undefined) throw new TrainingError(`the value \`${name}\` was not seen in the calibration`);
    return scale;
  };
  for (const { id, input, output } of plan.convolutions) {
    if (float.has(id)) continue;
    nodes.add(id);
    used.set(input, scaleOf(input));
    used.set(output, scaleOf(output));
    produced.add(output);
  }
  // In the order of the graph: what a carrier reads is decided before it.
  for (const [id, { inputs, output, keepsScale }] of plan.carriers) {
    if (!inputs.every((name) => produced.has(name))) continue;
    nodes.add(id);
    produced.add(output);
    used.set(output, keepsScale ? (used.get(inputs[0] ?? '') ?? scaleOf(output)) : scaleOf(output));
  }
  return { nodes, scales: used, produced };
}

class Rounding {
  readonly #choice: QuantizationChoice;
  readonly #rounded: Rounded;

  constructor(choice: QuantizationChoice, rounded: Rounded) {
    this.#choice = choice;
    this.#rounded = rounded;
  }

  apply(graph: EditableGraph, around: readonly EditableGraph[]): void {
    const { nodes, scales, produced } = this.#rounded;
    const scopes = [graph, ...around];
    const local = new Map<string, string>();
    const out: EditableNode[] = [];
    const own = new Set([
      ...graph.inputs.map(({ name }) => name),
      ...graph.nodes.flatMap(({ outputs }) => outputs),
    ]);
    /** A value's bytes back as numbers, for a node of this graph. */
    const dequantized = (name: string): string => {
      if (own.has(name) && produced.has(name)) return name;
      const known = local.get(name);
      if (known !== undefined) return known;
      const scale = scales.get(name);
      if (scale === undefined) return name;
      // A value of the graph around is read as its bytes; one of this graph was rounded where it was made.
      const value = own.has(name) ? `${name}.float` : `${name}.here.${graph.name}.${local.size}`;
      if (!own.has(name)) out.push(this.#dequantize(graph, scope(name), value, scale));
      local.set(name, value);
      return value;
    };
    const scope = (name: string): string => `${name}.bytes`;
    for (const { name } of graph.inputs) {
      const scale = scales.get(name);
      if (scale === undefined) continue;
      out.push(
        this.#quantize(graph, name, scale),
        this.#dequantize(graph, scope(name), `${name}.float`, scale),
      );
    }
    for (const node of graph.nodes) {
      for (const body of node.graphs.values()) this.apply(body, scopes);
      const id = node.outputs[0] ?? '';
      if (nodes.has(id)) {
        const convolution = node.opType === 'Conv';
        const [data = '', ...parameters] = node.inputs;
        const before = [...node.inputs];
        if (convolution) {
          const scale = scales.get(data) as ByteScale; // of the input of a rounded convolution
          node.inputs = [
            dequantized(data),
            ...this.#weights({ graph, scopes, out }, node, parameters, scale),
          ];
        } else if (node.opType === 'Resize' || node.opType === 'MaxPool')
          node.inputs = [dequantized(data), ...parameters];
        else node.inputs = before.map(dequantized);
      }
      out.push(node);
      for (const [i, output] of node.outputs.entries()) {
        const scale = scales.get(output);
        if (scale === undefined) continue;
        if (produced.has(output)) {
          // Everybody reads the rounded value: `output` is what comes back from the bytes.
          const exact = `${output}.exact`;
          node.outputs[i] = exact;
          out.push(
            this.#quantize(graph, exact, scale, output),
            this.#dequantize(graph, scope(output), output, scale),
          );
        } else {
          out.push(
            this.#quantize(graph, output, scale),
            this.#dequantize(graph, scope(output), `${output}.float`, scale),
          );
        }
      }
    }
    graph.nodes = out;
  }

  #quantize(graph: EditableGraph, value: string, scale: ByteScale, of = value): EditableNode {
    return plainNode('QuantizeLinear', [value, ...this.#scaleConstants(graph, of, scale)], `${of}.bytes`);
  }

  #dequantize(graph: EditableGraph, bytes: string, value: string, scale: ByteScale): EditableNode {
    return plainNode('DequantizeLinear', [bytes, ...this.#scaleConstants(graph, value, scale)], value);
  }

  /** Scale and zero point, in the graph that uses them. */
  #scaleConstants(graph: EditableGraph, of: string, { scale, zeroPoint }: ByteScale): [string, string] {
    const names = [`${of}.scale`, `${of}.zero`] as const;
    graph.constants.set(names[0], { dtype: 'float32', shape: [], data: Float32Array.of(scale) });
    graph.constants.set(names[1], { dtype: 'uint8', shape: [], data: Uint8Array.of(zeroPoint) });
    return [...names];
  }

  /** 8-bit weights with a scale an output channel, and a 32-bit bias; returns the values that the convolution reads. */
  #weights(
    { graph, scopes, out }: RewrittenGraph,
    node: EditableNode,
    [weightName = '', biasName = '']: readonly string[],
    input: ByteScale,
  ): string[] {
    const id = node.outputs[0] ?? '';
    const weight = findConstant(scopes, weightName) as TensorLiteral; // the plan has convolutions with constant weights
    const { values, scales } = roundWeights(weight);
    const channels = scales.length;
    const names = { weight: `${id}.w8`, scale: `${id}.w8.scale`, zero: `${id}.w8.zero` };
    graph.constants.set(names.weight, { dtype: 'int8', shape: weight.shape, data: values });
    graph.constants.set(names.scale, { dtype: 'float32', shape: [channels], data: scales });
    graph.constants.set(names.zero, { dtype: 'int8', shape: [channels], data: new Int8Array(channels) });
    out.push(perChannel([names.weight, names.scale, names.zero], `${id}.w`));
    const given = biasName === '' ? undefined : findConstant(scopes, biasName);
    const shift = meanShift(weight, values, scales, this.#choice.inputMeans.get(id), groupsOf(node));
    const biasScales = scales.map((scale) => scale * input.scale);
    const bias = Int32Array.from(biasScales, (scale, o) =>
      Math.round((Number(given?.data[o] ?? 0) - shift[o]) / scale),
    );
    graph.constants.set(`${id}.b32`, { dtype: 'int32', shape: [channels], data: bias });
    graph.constants.set(`${id}.b32.scale`, { dtype: 'float32', shape: [channels], data: biasScales });
    out.push(perChannel([`${id}.b32`, `${id}.b32.scale`], `${id}.b`));
    return [`${id}.w`, `${id}.b`];
  }
}

/** Weights rounded to -127..127 times a scale an output channel. */
export function roundWeights({ shape, data }: TensorLiteral): {
  values: Int8Array<ArrayBuffer>;
  scales: Float32Array<ArrayBuffer>;
} {
  const channels = shape[0] ?? 0;
  const each = data.length / channels;
  const values = new Int8Array(data.length);
  const scales = new Float32Array(channels);
  for (let o = 0; o < channels; o++) {
    let largest = 0;
    for (let i = o * each; i < (o + 1) * each; i++) largest = Math.max(largest, Math.abs(Number(data[i])));
    const scale = Math.fround(Math.max(largest / 127, 1e-12));
    scales[o] = scale;
    for (let i = o * each; i < (o + 1) * each; i++)
      values[i] = Math.max(-127, Math.min(127, Math.round(Number(data[i]) / scale)));
  }
  return { values, scales };
}

/** How much the rounding of the weights shifts each output channel's mean: sum over inputs of (W8 - W) mean(x). */
function meanShift(
  { shape, data }: TensorLiteral,
  values: Int8Array,
  scales: Float32Array,
  means: Float64Array | undefined,
  groups: number,
): Float64Array {
  const [channels = 0, inputs = 0] = shape;
  const shift = new Float64Array(channels);
  if (means === undefined) return shift;
  const taps = data.length / (channels * inputs);
  const perGroup = channels / groups;
  for (let o = 0; o < channels; o++) {
    const first = Math.floor(o / perGroup) * inputs;
    for (let c = 0; c < inputs; c++) {
      let difference = 0;
      for (let k = 0; k < taps; k++) {
        const i = (o * inputs + c) * taps + k;
        difference += values[i] * scales[o] - Number(data[i]); // within their lengths
      }
      shift[o] += difference * (means[first + c] ?? 0);
    }
  }
  return shift;
}

function groupsOf({ attributes }: EditableNode): number {
  const group = attributes.get('group');
  return group?.kind === 'int' ? Number(group.value) : 1;
}

function plainNode(opType: string, inputs: string[], output: string): EditableNode {
  return {
    name: `${opType}:${output}`,
    opType,
    domain: '',
    inputs,
    outputs: [output],
    attributes: new Map(),
    graphs: new Map(),
  };
}

function perChannel(inputs: string[], output: string): EditableNode {
  return {
    ...plainNode('DequantizeLinear', inputs, output),
    attributes: new Map([['axis', { kind: 'int', value: 0 }]]),
  };
}
