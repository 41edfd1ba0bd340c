import { createHash } from 'node:crypto';
import { TrainingError } from '../errors.js';
import { type Attributes, encodeAttributes } from './encode-attributes.js';
import { ALL_GRAPH_PASSES, type GraphPasses } from './graph-passes.js';
import {
  type Attribute,
  type Dimension,
  type ExternalData,
  encodeModel,
  type Graph,
  type Initializer,
  type Node,
  type ValueInfo,
} from './model-proto.js';
import { placeInitializers } from './place-initializers.js';
import { resultsAsMade } from './results-as-made.js';
import { bytesOf, type ElementType, sizeOf, type TensorValues, toTypedArray } from './tensor-data.js';

export interface ModelOptions {
  /** Version of the ONNX operator set, 18 to MAX_OPSET; 18 by default. */
  readonly opset?: number;
  /** Written to the model's metadata_props. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Whether onnxruntime computes results early, to free what they are made of; see {@link resultsAsMade}. Off by default. */
  readonly resultsAsMade?: boolean;
}

/** The newest operator set of ONNX in which the ops used here mean the same as in 18. */
export const MAX_OPSET = 23;

/** What a node does: the operator, its domain ('' is ONNX's own) and the version of the domain's operator set. */
export interface Operator {
  readonly domain: string;
  readonly opType: string;
  readonly version: number;
}

/** A graph among a node's attributes: the attribute's name, and what builds it and returns its outputs. */
export type Body = readonly [attribute: string, build: (graph: GraphBuilder) => readonly string[]];

/** Constants up to this many bytes are compared by content and stored once. */
const SHARED_CONSTANT_BYTES = 1 << 16;
const UNSHAREABLE = /^(Random|Bernoulli|Multinomial|Dropout|If|Loop|Scan)/;

/** What the graph and its subgraphs have in common: names and constants. */
interface Shared {
  readonly names: Set<string>;
  readonly constants: Map<string, string>;
  readonly initializers: Initializer[];
  /** Operator sets beside ONNX's own, with their versions. */
  readonly domains: Map<string, number>;
  readonly passes: Readonly<Required<GraphPasses>>;
  counter: number;
  label: string;
}

/**
 * Builds an ONNX graph; values are named by strings. Nodes that compute the same (same op, inputs and attributes) are
 * stored once, nodes that no output needs are left out of the model. The ops themselves are not checked here:
 * onnxruntime or the onnx checker does that.
 */
export class GraphBuilder {
  readonly name: string;
  readonly #parent: GraphBuilder | undefined;
  readonly #shared: Shared;
  readonly #nodes: Node[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: (ValueInfo & { readonly value: string })[] = [];
  readonly #produced = new Set<string>();
  readonly #known = new Map<string, readonly string[]>();
  readonly #subgraphs = new Map<Node, readonly (readonly [string, GraphBuilder])[]>();

  /** @param parent of a branch of an `If`, which shares its names and passes. */
  constructor(name: string, passes: GraphPasses = {}, parent?: GraphBuilder) {
    this.name = name;
    this.#parent = parent;
    this.#shared =
      parent !== undefined
        ? parent.#shared
        : {
            names: new Set(),
            constants: new Map(),
            initializers: [],
            domains: new Map(),
            passes: { ...ALL_GRAPH_PASSES, ...passes },
            counter: 0,
            label: '',
          };
  }

  /** Declares a graph input. Dimensions known only at run time are strings; equal strings mean equal extents. */
  input(name: string, dtype: ElementType, shape: readonly Dimension[]): string {
    this.#claim(name);
    this.#inputs.push({ name, type: { dtype, shape: [...shape] } });
    return name;
  }

  /** An input of the body of a `Loop` or `Scan`. @param type absent: the runtime infers it, where it can. */
  bodyInput(type?: ValueInfo['type']): string {
    const name = this.#fresh('input');
    this.#inputs.push(type === undefined ? { name } : { name, type });
    return name;
  }

  /** A constant (initializer). Small ones with equal content become one, unless they are given names. */
  constant(values: TensorValues, dtype: ElementType, shape: readonly number[], name?: string): string {
    const data = toTypedArray(values, dtype);
    if (data.length !== sizeOf(shape)) {
      throw new TrainingError(
        `constant ${name ?? ''} of shape [${shape}]: expected \`${sizeOf(shape)}\` values, got ${data.length}`,
      );
    }
    const { constants, initializers, passes } = this.#shared;
    const shareable =
      passes.commonSubexpressions && name === undefined && data.byteLength <= SHARED_CONSTANT_BYTES;
    const key = shareable
      ? `${dtype}[${shape}]${createHash('sha1').update(bytesOf(data)).digest('base64')}`
      : '';
    const existing = shareable ? constants.get(key) : undefined;
    if (existing !== undefined) return existing;
    const claimed = name === undefined ? this.#fresh('const') : this.#claim(name);
    initializers.push({ name: claimed, dtype, shape: [...shape], source: data });
    if (shareable) constants.set(key, claimed);
    return claimed;
  }

  /** A constant that is no other's, even of equal content. */
  ownConstant(values: TensorValues, dtype: ElementType, shape: readonly number[]): string {
    const name = this.#fresh('const');
    this.#shared.names.delete(name); // claimed by `constant`
    return this.constant(values, dtype, shape, name);
  }

  /** A constant whose bytes lie in a file beside the model (ONNX external data), little endian, row major. */
  externalConstant(name: string, dtype: ElementType, shape: readonly number[], data: ExternalData): string {
    this.#claim(name);
    this.#shared.initializers.push({ name, dtype, shape: [...shape], source: { ...data } });
    return name;
  }

  /**
   * Adds a node and returns the names of its outputs.
   * @param opType an ONNX op, or `domain:Op`, for example `com.microsoft:FusedMatMul`.
   * @param inputs value names; '' for an optional input that is absent.
   * @param outputs number of outputs, or their names ('' for an optional output that is not wanted).
   * @param nodeName name of the node itself, for runtimes that are told what to do with it; made up by default.
   */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    outputs: number | readonly string[] = 1,
    nodeName?: string,
  ): string[] {
    const encoded = encodeAttributes(opType, attributes);
    const colon = opType.lastIndexOf(':');
    const domain = opType.slice(0, Math.max(colon, 0));
    const operator = { domain, opType: opType.slice(colon + 1), version: 1 };
    return this.#add(operator, inputs, encoded, outputs, nodeName);
  }

  /**
   * Adds a node that was made elsewhere, with its attributes as they are. `operator.version` is that of its domain's operator
   * set and is not heeded for ONNX's own.
   * @param outputs which of them are there; the names of absent ones are ''.
   * @param more.bodies the graphs among its attributes; each is built like a branch of `if`.
   * @param more.nodeName of a node without bodies; made up by default.
   * @throws TrainingError when the graph has the domain in another version.
   */
  adopt(
    operator: Operator,
    inputs: readonly string[],
    attributes: readonly (readonly [string, Attribute])[],
    outputs: readonly boolean[],
    { bodies = [], nodeName }: { readonly bodies?: readonly Body[]; readonly nodeName?: string } = {},
  ): string[] {
    if (bodies.length === 0 && outputs.every(Boolean))
      return this.#add(operator, inputs, attributes, outputs.length, nodeName);
    const { domain, opType, version } = operator;
    this.#requireNames(opType, inputs);
    if (domain !== '') this.#useDomain(domain, version);
    const graphs = bodies.map(([attribute, build]) => [attribute, this.#body(attribute, build)] as const);
    const names = outputs.map((there) => (there ? this.#fresh(opType) : ''));
    const name = this.#shared.label + this.#fresh(opType);
    const node: Node = { name, opType, domain, inputs: [...inputs], outputs: names, attributes };
    this.#push(node);
    if (graphs.length > 0) this.#subgraphs.set(node, graphs);
    return [...names];
  }

  #body(attribute: string, build: (graph: GraphBuilder) => readonly string[]): GraphBuilder {
    const graph = new GraphBuilder(this.#fresh(attribute), {}, this);
    for (const value of build(graph)) graph.#branchOutput(value);
    return graph;
  }

  #requireNames(opType: string, inputs: readonly string[]): void {
    for (const input of inputs) {
      if (input !== '' && !this.#shared.names.has(input)) {
        throw new TrainingError(`${opType}: expected the name of a value as input, got \`${input}\``);
      }
    }
  }

  #add(
    { domain, opType: type, version }: Operator,
    inputs: readonly string[],
    encoded: readonly (readonly [string, Attribute])[],
    outputs: number | readonly string[],
    nodeName?: string,
  ): string[] {
    const opType = domain === '' ? type : `${domain}:${type}`;
    this.#requireNames(opType, inputs);
    if (domain !== '') this.#useDomain(domain, version);
    const key =
      this.#shared.passes.commonSubexpressions && typeof outputs === 'number' && !UNSHAREABLE.test(type)
        ? `${opType}(${inputs.join(',')})${outputs}${JSON.stringify(encoded, exactText)}`
        : undefined;
    const known = key === undefined ? undefined : this.#find(key);
    if (known !== undefined) return [...known];
    const names =
      typeof outputs === 'number'
        ? Array.from({ length: outputs }, () => this.#fresh(type))
        : outputs.map((output) => (output === '' ? '' : this.#claim(output)));
    const name = nodeName ?? this.#shared.label + this.#fresh(type);
    this.#push({ name, opType: type, domain, inputs: [...inputs], outputs: names, attributes: encoded });
    if (key !== undefined) this.#known.set(key, names);
    return [...names];
  }

  #useDomain(domain: string, version: number): void {
    const known = this.#shared.domains.get(domain);
    if (known !== undefined && known !== version) {
      throw new TrainingError(
        `operator set \`${domain}\`: one graph cannot have both versions ${known} and ${version}`,
      );
    }
    this.#shared.domains.set(domain, version);
  }

  /** Nodes added by `build` carry `label` in their names, for messages and profiles. */
  labelled<T>(label: string, build: () => T): T {
    const outer = this.#shared.label;
    this.#shared.label = `${label}/`;
    try {
      return build();
    } finally {
      this.#shared.label = outer;
    }
  }

  /** Adds a node with one output and returns its name. */
  op(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.node(opType, inputs, attributes, 1)[0] ?? '';
  }

  /**
   * Adds an `If`. Each branch builds its own graph, may use every value named so far, and returns `outputCount` values;
   * only the branch that is taken is computed.
   */
  if(
    condition: string,
    thenBranch: (graph: GraphBuilder) => readonly string[],
    elseBranch: (graph: GraphBuilder) => readonly string[],
    outputCount: number,
  ): string[] {
    const counted =
      (attribute: string, build: (graph: GraphBuilder) => readonly string[]) =>
      (graph: GraphBuilder): readonly string[] => {
        const values = build(graph);
        if (values.length === outputCount) return values;
        throw new TrainingError(
          `If, ${attribute}: expected \`${outputCount}\` output values, got ${values.length}`,
        );
      };
    const outputs = Array.from({ length: outputCount }, () => true);
    return this.adopt({ domain: '', opType: 'If', version: 1 }, [condition], [], outputs, {
      bodies: [
        ['then_branch', counted('then_branch', thenBranch)],
        ['else_branch', counted('else_branch', elseBranch)],
      ],
    });
  }

  /**
   * Declares a graph output. The node that produces `value` is renamed, so that no copy is made. A value that is a graph
   * input, a constant or already an output is copied by an Identity.
   */
  output(name: string, value: string, dtype: ElementType, shape: readonly Dimension[]): void {
    const direct = this.#produced.has(value) && !this.#outputs.some((output) => output.value === value);
    if (!direct) this.node('Identity', [value], {}, [name]);
    else if (name !== value) this.#claim(name);
    this.#outputs.push({ name, type: { dtype, shape: [...shape] }, value: direct ? value : name });
  }

  /** The ONNX ModelProto. */
  toModel(options: ModelOptions = {}): Uint8Array {
    const opset = options.opset ?? 18;
    if (!Number.isInteger(opset) || opset < 18 || opset > MAX_OPSET) {
      throw new TrainingError(`expected opset \`18 to ${MAX_OPSET}\`, got ${opset}`);
    }
    if (this.#parent !== undefined)
      throw new TrainingError('a subgraph is no model: call toModel of its root');
    const renames = new Map(this.#outputs.map((output) => [output.value, output.name]));
    const used = new Set<string>();
    const frozen = this.#freeze(renames, used);
    const ordered = options.resultsAsMade === true ? resultsAsMade(frozen.nodes) : undefined;
    const graph = { ...frozen, ...(ordered && { nodes: ordered.nodes }) };
    const initializers = this.#shared.initializers.filter((tensor) => used.has(tensor.name));
    if (ordered !== undefined) initializers.push(...ordered.initializers);
    const opsets = new Map([['', opset]]);
    for (const [domain, version] of this.#shared.domains) opsets.set(domain, version);
    const placed = placeInitializers(graph, initializers);
    return encodeModel({ graph: placed, opsets, metadata: options.metadata ?? {} });
  }

  /** What the outputs declared so far need, in order: for comparing two graphs. */
  contents(): { readonly nodes: readonly Node[]; readonly initializers: readonly Initializer[] } {
    const used = new Set<string>();
    const { nodes } = this.#freeze(new Map(), used);
    return { nodes, initializers: this.#shared.initializers.filter(({ name }) => used.has(name)) };
  }

  /** The live nodes of this graph with outputs renamed; adds every name that they read to `used`. */
  #freeze(renames: ReadonlyMap<string, string>, used: Set<string>): Graph {
    const renamed = (name: string): string => renames.get(name) ?? name;
    for (const output of this.#outputs) used.add(output.value);
    const nodes: Node[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (this.#shared.passes.deadCode && !node.outputs.some((output) => used.has(output))) continue;
      for (const input of node.inputs) used.add(input);
      const graphs = (this.#subgraphs.get(node) ?? []).map(
        ([name, graph]) => [name, { kind: 'graph', value: graph.#freeze(renames, used) }] as const,
      );
      nodes.push({
        ...node,
        inputs: node.inputs.map(renamed),
        outputs: node.outputs.map(renamed),
        attributes: [...node.attributes, ...graphs],
      });
    }
    return {
      name: this.name,
      nodes: nodes.reverse(),
      initializers: [],
      inputs: this.#inputs,
      outputs: this.#outputs.map(({ name, type }) => (type === undefined ? { name } : { name, type })),
    };
  }

  /** The outputs of a branch must be made inside it. */
  #branchOutput(value: string): void {
    const direct = this.#produced.has(value) && !this.#outputs.some((output) => output.value === value);
    const name = direct ? value : `${this.name}_output_${this.#outputs.length}`;
    if (!direct) this.node('Identity', [value], {}, [name]);
    this.#outputs.push({ name, value: name });
  }

  #push(node: Node): void {
    this.#nodes.push(node);
    for (const output of node.outputs) this.#produced.add(output);
  }

  #find(key: string): readonly string[] | undefined {
    const parent = this.#parent;
    return this.#known.get(key) ?? (parent === undefined ? undefined : parent.#find(key));
  }

  #claim(name: string): string {
    if (name === '' || this.#shared.names.has(name)) {
      throw new TrainingError(`graph ${this.name}: expected a new, non-empty value name, got \`${name}\``);
    }
    this.#shared.names.add(name);
    return name;
  }

  #fresh(prefix: string): string {
    let name: string;
    do {
      this.#shared.counter += 1;
      name = `${prefix}_${this.#shared.counter}`;
    } while (this.#shared.names.has(name));
    this.#shared.names.add(name);
    return name;
  }
}

/** JSON replacer under which different attribute values have different texts (bigints, -0, NaN, tensors). */
function exactText(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`;
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return Object.is(value, -0) ? '-0' : `${value}`;
  }
  if (!ArrayBuffer.isView(value)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
}
