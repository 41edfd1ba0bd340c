import { LOW_PASS_RESIZE_NODE } from '../../../models/graph-contract.js';
import { quoteUntrusted } from '../../../msgs/quote-untrusted.js';
import { TrainingError } from '../../errors.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import type { Attribute, Initializer } from '../../onnx/model-proto.js';
import type { ForeignFunction, ForeignGraph, ForeignModel, ForeignNode } from '../../onnx/read-model.js';
import { elementTypeOf } from '../../onnx/read-tensor.js';
import { upgradeNode } from '../../onnx/upgrade-node.js';

export interface ForeignNetworkOptions {
  /** Version of ONNX's operator set in the graph that the network becomes part of. */
  readonly opset: number;
  /** Puts a constant of the model into the graph; called for those that are needed, once each. */
  readonly constant: (g: GraphBuilder, constant: Initializer) => string;
  /** Boolean inputs that are known: of an `If` on one, the branch that is taken stands in its place. */
  readonly decided?: ReadonlyMap<string, boolean>;
  /** What the names of its nodes begin with: onnxruntime makes up names such as `Conv_12` itself and refuses a second one. */
  readonly label: string;
}

type Constants = Pick<ForeignGraph, 'initializers' | 'unreadable'>;
const NO_CONSTANTS: Constants = { initializers: [], unreadable: new Map() };

/** Names of a foreign graph that are known at some place, inner ones before outer ones. */
class Names {
  readonly #known = new Map<string, string>();
  readonly #constants: ReadonlyMap<string, Initializer>;
  readonly #unreadable: ReadonlyMap<string, string>;
  readonly #outer: Names | undefined;

  constructor({ initializers, unreadable }: Constants, outer?: Names) {
    this.#constants = new Map(initializers.map((constant) => [constant.name, constant]));
    this.#unreadable = unreadable;
    this.#outer = outer;
  }

  /** Why a constant cannot be carried over. */
  whyNot(name: string): string | undefined {
    return this.#unreadable.get(name) ?? this.#outer?.whyNot(name);
  }

  set(name: string, value: string): void {
    this.#known.set(name, value);
  }

  /** The value's name in the builder; constants are made when they are first asked for. */
  get(name: string, make: (constant: Initializer) => string): string | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const constant = this.#constants.get(name);
    if (constant === undefined) return this.#outer?.get(name, make);
    const made = make(constant);
    this.#known.set(name, made);
    return made;
  }

  has(name: string): boolean {
    return this.#known.has(name) || this.#constants.has(name) || (this.#outer?.has(name) ?? false);
  }
}

/** The list of nodes at hand and what they are to be read by. */
interface Scope {
  readonly names: Names;
  readonly opsets: ReadonlyMap<string, number>;
  /** Arguments of the function that the nodes belong to. */
  readonly arguments: ReadonlyMap<string, Attribute>;
}

const DEEPEST_CALL = 64;
/** Nodes that a network becomes when its functions are written out: a few functions can call each other into billions. */
const MOST_NODES = 500_000;

/**
 * A network from an ONNX file as part of a graph. Its nodes become nodes of the builder, under new names, in the form of the
 * builder's operator set. Calls of the model's own functions are written out. Subgraphs stay subgraphs. Only what the
 * asked-for outputs need is carried over.
 */
export class ForeignNetwork {
  readonly #model: ForeignModel;
  readonly #options: ForeignNetworkOptions;
  readonly #functions: ReadonlyMap<string, ForeignFunction>;
  readonly #names: Names;
  /** What is added to a branch of the graph is known there alone. */
  readonly #branches = new WeakMap<GraphBuilder, Names>();
  readonly #half: boolean;
  #root: GraphBuilder | undefined;
  #depth = 0;
  #nodes = 0;

  constructor(model: ForeignModel, options: ForeignNetworkOptions) {
    this.#model = model;
    this.#options = options;
    this.#functions = new Map(model.functions.map((entry) => [functionKey(entry), entry]));
    this.#names = new Names(model.graph);
    this.#half = model.graph.initializers.some(({ dtype }) => dtype === 'float16');
  }

  /** Says which value of the builder an input of the model is. */
  feed(input: string, value: string): void {
    this.#names.set(input, value);
  }

  /** Names of the model's inputs without which the outputs cannot be computed. */
  inputsOf(outputs: readonly string[]): readonly string[] {
    const { inputs, nodes, initializers } = this.#model.graph;
    const constants = new Set(initializers.map(({ name }) => name));
    const { missing } = neededNodes(nodes, outputs, (name) => constants.has(name), this.#branchTaken);
    return inputs.map(({ name }) => name).filter((name) => missing.has(name));
  }

  /**
   * Adds what the outputs need and has not been added by an earlier call, and returns their names. A later call may be for
   * a branch of the graph of the first one.
   * @throws TrainingError naming the node that cannot be carried over.
   */
  outputs(g: GraphBuilder, outputs: readonly string[]): string[] {
    const { graph, opsets } = this.#model;
    this.#root ??= g;
    const names =
      g === this.#root ? this.#names : (this.#branches.get(g) ?? new Names(NO_CONSTANTS, this.#names));
    if (g !== this.#root) this.#branches.set(g, names);
    const scope = { names, opsets, arguments: new Map<string, Attribute>() };
    return g.labelled(this.#options.label, () => {
      this.#add(g, graph.nodes, outputs, scope);
      return outputs.map((name) => this.#value(g, name, scope, 'the outputs'));
    });
  }

  #add(g: GraphBuilder, nodes: readonly ForeignNode[], wanted: readonly string[], scope: Scope): void {
    const { needed, missing } = neededNodes(
      nodes,
      wanted,
      (name) => scope.names.has(name),
      this.#branchTaken,
    );
    for (const node of nodes) {
      if (!needed.has(node)) continue;
      try {
        const taken = this.#branchTaken(node);
        const values =
          taken === undefined
            ? this.#node(g, node, scope)
            : this.#inPlace(g, taken, scope, (output) => missing.has(node.outputs[output]));
        for (const [i, output] of node.outputs.entries()) {
          const value = values[i] ?? '';
          if (output !== '' && value !== '') scope.names.set(output, value);
        }
      } catch (cause) {
        if (!(cause instanceof TrainingError) || /^node `/.test(cause.message)) throw cause;
        throw new TrainingError(
          `node \`${quoteUntrusted(node.name || (node.outputs[0] ?? ''))}\` (${quoteUntrusted(node.opType)}): ${cause.message}`,
          {
            cause,
          },
        );
      }
    }
  }

  /** Branch of an `If` whose condition is known. */
  readonly #branchTaken = ({ opType, domain, inputs, graphs }: ForeignNode): ForeignGraph | undefined => {
    const condition = opType === 'If' && domain === '' ? this.#options.decided?.get(inputs[0]) : undefined;
    if (condition === undefined) return undefined;
    return graphs.find(([name]) => name === (condition ? 'then_branch' : 'else_branch'))?.[1];
  };

  /** The outputs of a branch that are asked for; its nodes become part of the graph around it. */
  #inPlace(
    g: GraphBuilder,
    branch: ForeignGraph,
    scope: Scope,
    isWanted: (output: number) => boolean,
  ): string[] {
    const inner = { ...scope, names: new Names(branch, scope.names) };
    const outputs = branch.outputs.map(({ name }) => name);
    this.#add(
      g,
      branch.nodes,
      outputs.filter((_, i) => isWanted(i)),
      inner,
    );
    return outputs.map((name, i) =>
      isWanted(i) ? this.#value(g, name, inner, 'the outputs of its branch') : '',
    );
  }

  #node(g: GraphBuilder, node: ForeignNode, scope: Scope): string[] {
    this.#nodes += 1;
    if (this.#nodes > MOST_NODES)
      throw new TrainingError(`written out, its functions become more than ${MOST_NODES} nodes`);
    const { opType, domain, unreadable } = node;
    if (unreadable !== undefined) throw new TrainingError(unreadable);
    const constant = node.attributes.find(([name]) => name === 'value')?.[1];
    if (opType === 'Constant' && domain === '' && constant?.kind === 'tensor') {
      const { dtype, shape, data } = constant.value;
      return [this.#options.constant(g, { name: node.outputs[0] ?? '', dtype, shape, source: data })];
    }
    const inputs = node.inputs.map((name) => this.#value(g, name, scope, 'its inputs'));
    const attributes = attributesOf(node, scope);
    const called = this.#functions.get(functionKey({ domain, name: opType, overload: node.overload ?? '' }));
    if (called !== undefined) return this.#call(g, called, { node, inputs, attributes });
    const version = scope.opsets.get(domain);
    if (version === undefined)
      throw new TrainingError(
        `the file does not say which version of the operator set \`${domain || 'ai.onnx'}\` it uses`,
      );
    const outputs = node.outputs.map((name) => name !== '');
    while (outputs.at(-1) === false) outputs.pop();
    if (node.graphs.length > 0)
      return this.#withBodies(g, node, { inputs, attributes, outputs, scope, version });
    if (domain === '') {
      const plain = { opType, inputs, attributes, outputs, half: this.#half };
      const upgraded = upgradeNode(g, plain, version, this.#options.opset);
      if (upgraded !== undefined) return upgraded;
    }
    return g.adopt({ domain, opType, version }, inputs, [...attributes], outputs, {
      nodeName: nodeName(node),
    });
  }

  /** Writes a function's nodes out in place of its call. */
  #call(
    g: GraphBuilder,
    called: ForeignFunction,
    call: { node: ForeignNode; inputs: readonly string[]; attributes: ReadonlyMap<string, Attribute> },
  ): string[] {
    if (call.node.graphs.length > 0)
      throw new TrainingError('a graph as argument of a function cannot be carried over');
    const names = new Names(NO_CONSTANTS);
    for (const [i, input] of called.inputs.entries()) names.set(input, call.inputs[i] ?? '');
    const given = new Map([...called.defaults, ...call.attributes]);
    const opsets = new Map([...this.#model.opsets, ...called.opsets]);
    const scope = { names, opsets, arguments: given };
    this.#depth += 1;
    if (this.#depth > DEEPEST_CALL) throw new TrainingError('its functions call each other without end');
    this.#add(g, called.nodes, called.outputs.slice(0, call.node.outputs.length), scope);
    this.#depth -= 1;
    return call.node.outputs.map((name, i) =>
      name === '' ? '' : this.#value(g, called.outputs[i] ?? '', scope, 'the outputs of the function'),
    );
  }

  #withBodies(
    g: GraphBuilder,
    { opType, domain, graphs }: ForeignNode,
    call: {
      inputs: readonly string[];
      attributes: ReadonlyMap<string, Attribute>;
      outputs: readonly boolean[];
      scope: Scope;
      version: number;
    },
  ): string[] {
    const { inputs, attributes, outputs, scope, version } = call;
    if (opType === 'Scan' && version < 9)
      throw new TrainingError('Scan of operator set 8 cannot be carried over');
    const bodies = graphs.map(
      ([attribute, body]) => [attribute, (inner: GraphBuilder) => this.#body(inner, body, scope)] as const,
    );
    return g.adopt({ domain, opType, version }, inputs, [...attributes], outputs, { bodies });
  }

  #body(g: GraphBuilder, body: ForeignGraph, scope: Scope): string[] {
    const names = new Names(body, scope.names);
    for (const { name, elementType, shape } of body.inputs) {
      const dtype = elementTypeOf(elementType);
      names.set(name, g.bodyInput(dtype === undefined || shape === undefined ? undefined : { dtype, shape }));
    }
    const inner = { ...scope, names };
    const outputs = body.outputs.map(({ name }) => name);
    this.#add(g, body.nodes, outputs, inner);
    return outputs.map((name) => this.#value(g, name, inner, 'the outputs of its body'));
  }

  #value(g: GraphBuilder, name: string, { names }: Scope, where: string): string {
    if (name === '') return '';
    const value = names.get(name, (constant) => this.#options.constant(g, constant));
    if (value !== undefined) return value;
    const reason = names.whyNot(name);
    if (reason !== undefined) throw new TrainingError(reason);
    throw new TrainingError(`among ${where} is \`${quoteUntrusted(name)}\`, which nothing before it makes`);
  }
}

/** WebGPU sessions have to know the nodes that they must leave to the CPU. */
function nodeName({ opType, domain, attributes }: ForeignNode): string | undefined {
  const filters = attributes.some(
    ([name, value]) => name === 'antialias' && value.kind === 'int' && Number(value.value) !== 0,
  );
  return opType === 'Resize' && domain === '' && filters ? LOW_PASS_RESIZE_NODE : undefined;
}

function functionKey(entry: Pick<ForeignFunction, 'domain' | 'name' | 'overload'>): string {
  return `${entry.domain}:${entry.name}:${entry.overload}`;
}

/** A node's attributes, those that stand for a function's argument replaced by it. */
function attributesOf(node: ForeignNode, scope: Scope): Map<string, Attribute> {
  const attributes = new Map(node.attributes);
  for (const [name, of] of node.references) {
    const given = scope.arguments.get(of);
    if (given !== undefined) attributes.set(name, given);
  }
  return attributes;
}

/** The nodes without which the wanted values cannot be computed from what is known, and what else that takes. */
function neededNodes(
  nodes: readonly ForeignNode[],
  wanted: readonly string[],
  known: (name: string) => boolean,
  branchTaken: (node: ForeignNode) => ForeignGraph | undefined,
): { readonly needed: ReadonlySet<ForeignNode>; readonly missing: ReadonlySet<string> } {
  const missing = new Set(wanted.filter((name) => !known(name)));
  const needed = new Set<ForeignNode>();
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => missing.has(name))) continue;
    needed.add(node);
    const taken = branchTaken(node);
    const read =
      taken === undefined
        ? [...node.inputs, ...node.graphs.flatMap(([, graph]) => namesRead(graph))]
        : namesRead(taken);
    for (const name of read) {
      if (!known(name)) missing.add(name);
    }
  }
  return { needed, missing };
}

/** Every name that the nodes and outputs of a graph read, its own included. */
function namesRead(graph: ForeignGraph): string[] {
  return [
    ...graph.outputs.map(({ name }) => name),
    ...graph.nodes.flatMap((node) => [
      ...node.inputs,
      ...node.graphs.flatMap(([, inner]) => namesRead(inner)),
    ]),
  ];
}
