import { TrainingError } from '../errors.js';
import type { TensorLiteral } from '../onnx/model-proto.js';
import { capturedValues } from './captured-values.js';
import { dropUnread, type EditableGraph, type EditableNode, findConstant } from './editable-graph.js';
import { copyFactors, enlargeBytes, TO_PIXELS, TO_PLANES, transposeNode } from './enlarge-bytes.js';
import { isOnlyRanked } from './only-ranked.js';
import { plainNode } from './plain-node.js';
import type { QuantizationPlan } from './quantization-plan.js';
import { repeatChannels } from './repeat-channels.js';
import { missingChannels, roundedConvolution } from './rounded-convolution.js';
import type { ByteScale } from './value-range.js';

/** Output channels from which on onnxruntime's fast 8-bit convolution runs. */
const LEAST_OUTPUTS = 16;

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
 * Rounds a graph to 8 bits in place, in ONNX's QDQ form. A value is written as QuantizeLinear and DequantizeLinear, which
 * onnxruntime joins with the node between into an integer one. Activations have one scale and zero point each, weights one
 * scale an output channel.
 */
export function quantizeGraph(graph: EditableGraph, choice: QuantizationChoice): void {
  const rounded = roundedValues(choice);
  new Rounding(choice, rounded, capturedValues(graph)).apply(graph, []);
  dropUnread(graph);
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
  for (const [id, { inputs, output, keepsScale, oneIsEnough, followers }] of plan.carriers) {
    const has = (name: string) => produced.has(name);
    if (!(oneIsEnough ? inputs.some(has) : inputs.every(has))) continue;
    nodes.add(id);
    produced.add(output);
    const scale = keepsScale ? (used.get(inputs[0] ?? '') ?? scaleOf(output)) : scaleOf(output);
    used.set(output, scale);
    for (const name of inputs) if (!used.has(name)) used.set(name, scaleOf(name));
    for (const name of followers) if (produced.has(name)) used.set(name, scale);
  }
  return { nodes, scales: used, produced };
}

class Rounding {
  readonly #choice: QuantizationChoice;
  readonly #rounded: Rounded;
  /** Values that graphs inside of theirs read. */
  readonly #captured: ReadonlySet<string>;

  constructor(choice: QuantizationChoice, rounded: Rounded, captured: ReadonlySet<string>) {
    this.#choice = choice;
    this.#rounded = rounded;
    this.#captured = captured;
  }

  apply(graph: EditableGraph, around: readonly EditableGraph[]): void {
    const { nodes, scales, produced } = this.#rounded;
    const scopes = [graph, ...around];
    const local = new Map<string, string>();
    const localBytes = new Map<string, string>();
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
      if (!own.has(name)) out.push(this.#dequantize(graph, bytesHere(name), value, scale));
      local.set(name, value);
      return value;
    };
    const scope = (name: string): string => `${name}.bytes`;
    /** A value's bytes, for a node of this graph. */
    const bytesHere = (name: string): string => {
      if (own.has(name)) return scope(name);
      const known = localBytes.get(name);
      if (known !== undefined) return known;
      // Between graphs the channels of a pixel lie beside each other, as 8-bit convolutions take them: nothing is turned.
      const planes = `${name}.here.${graph.name}.${localBytes.size}.planes`;
      out.push(transposeNode(pixelsOf(name), planes, TO_PLANES));
      localBytes.set(name, planes);
      return planes;
    };
    for (const { name } of graph.inputs) {
      const scale = scales.get(name);
      if (scale === undefined) continue;
      out.push(this.#quantize(graph, name, scale), ...this.#readers(graph, name, `${name}.float`, scale));
    }
    for (const node of graph.nodes) {
      for (const body of node.graphs.values()) this.apply(body, scopes);
      const id = node.outputs[0] ?? '';
      const factors = nodes.has(id) ? copyFactors(node, scopes) : undefined;
      const copied = scales.get(id);
      if (factors !== undefined && copied !== undefined) {
        const from = bytesHere(node.inputs[0] ?? '');
        out.push(...enlargeBytes(graph, from, scope(id), factors), ...this.#readers(graph, id, id, copied));
        continue;
      }
      if (node.opType === 'Relu' && copied !== undefined && copied.zeroPoint > 0 && produced.has(id)) {
        out.push(
          ...this.#clippedBytes(graph, node.inputs[0] ?? '', id, copied),
          ...this.#readers(graph, id, id, copied),
        );
        continue;
      }
      if (nodes.has(id)) {
        const convolution = node.opType === 'Conv';
        const [data = '', ...parameters] = node.inputs;
        const before = [...node.inputs];
        if (convolution) {
          const scale = scales.get(data) as ByteScale; // of the input of a rounded convolution
          node.inputs = this.#operands({ graph, scopes, out }, node, [dequantized(data), ...parameters], {
            input: scale,
            bytes: () => bytesHere(data),
          });
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
            ...this.#readers(graph, output, output, scale),
          );
        } else {
          out.push(
            this.#quantize(graph, output, scale),
            ...this.#readers(graph, output, `${output}.float`, scale),
          );
        }
      }
    }
    graph.nodes = out;
  }

  /**
   * Relu of a value as bytes whose zero is not the least of them, as those are that take the scale of something signed. A runtime
   * leaves out a Relu whose zero is the least byte; here the bytes are clipped, so that the convolution before them stays whole.
   */
  #clippedBytes(graph: EditableGraph, value: string, output: string, scale: ByteScale): EditableNode[] {
    const signed = `${output}.signed`;
    const names = this.#scaleConstants(graph, output, scale);
    return [
      plainNode('QuantizeLinear', [value, ...names], signed),
      plainNode('Clip', [signed, names[1]], `${output}.bytes`),
    ];
  }

  /** How a value's bytes come back: as numbers, and as pixels for the graphs inside of this one. */
  #readers(graph: EditableGraph, name: string, value: string, scale: ByteScale): EditableNode[] {
    const bytes = `${name}.bytes`;
    const numbers = this.#dequantize(graph, bytes, value, scale);
    return this.#captured.has(name) ? [transposeNode(bytes, pixelsOf(name), TO_PIXELS), numbers] : [numbers];
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

  /**
   * The 8-bit weights of a convolution and its 32-bit bias. Channels are added where the runtime is fast only with a multiple
   * of four. They are added to the input with weights of zero, to the output where it is only ranked.
   * @returns the values that the convolution reads.
   */
  #operands(
    { graph, scopes, out }: RewrittenGraph,
    node: EditableNode,
    [data, weightName = '', biasName = '']: readonly [value: string, ...string[]],
    { input, bytes }: { readonly input: ByteScale; readonly bytes: () => string },
  ): string[] {
    const id = node.outputs[0] ?? '';
    const weight = findConstant(scopes, weightName) as TensorLiteral; // the plan has convolutions with constant weights
    const groups = groupsOf(node);
    const [channels = 0, inputs = 0, ...kernel] = weight.shape;
    const isWide = kernel.some((extent) => extent > 1);
    const extra = {
      inputs: groups === 1 && isWide ? missingChannels(inputs, 0) : 0,
      outputs: groups === 1 && isOnlyRanked(graph, id) ? missingChannels(channels, LEAST_OUTPUTS) : 0,
    };
    const rounded = roundedConvolution(weight, biasName === '' ? undefined : findConstant(scopes, biasName), {
      ...{ groups, extra, inputScale: input.scale },
      means: this.#choice.inputMeans.get(id),
    });
    for (const [part, constant] of Object.entries(rounded)) graph.constants.set(`${id}.${part}`, constant);
    out.push(
      perChannel([`${id}.w8`, `${id}.w8.scale`, `${id}.w8.zero`], `${id}.w`),
      perChannel([`${id}.b32`, `${id}.b32.scale`], `${id}.b`),
    );
    if (extra.inputs === 0) return [data, `${id}.w`, `${id}.b`];
    const filled = `${id}.filled`;
    out.push(
      ...repeatChannels(graph, bytes(), `${filled}.bytes`, { channels: inputs, extra: extra.inputs }),
      this.#dequantize(graph, `${filled}.bytes`, filled, input),
    );
    return [filled, `${id}.w`, `${id}.b`];
  }
}

/** Name of a value's bytes with the channels of a pixel beside each other. */
function pixelsOf(name: string): string {
  return `${name}.pixels`;
}

function perChannel(inputs: string[], output: string): EditableNode {
  return plainNode('DequantizeLinear', inputs, output, { axis: { kind: 'int', value: 0 } });
}

function groupsOf({ attributes }: EditableNode): number {
  const group = attributes.get('group');
  return group?.kind === 'int' ? Number(group.value) : 1;
}
