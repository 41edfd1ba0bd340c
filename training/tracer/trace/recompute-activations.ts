import { TrainingError } from '../../errors.js';
import { sizeOf } from '../../onnx/tensor-data.js';
import { liveNodes } from '../lower/lower-trace.js';
import { segmentsOf } from './segments.js';
import {
  constantOf,
  type KernelCall,
  type TensorType,
  type Trace,
  type TraceNode,
  type Value,
} from './trace.js';
import { verifyTrace } from './verify-trace.js';

/**
 * Which results of the forward pass the backward pass computes once more instead of having them kept. `cheap` all but those
 * of convolutions, matrix products, poolings and gathers. `all` those too.
 */
export const RECOMPUTATIONS = ['none', 'cheap', 'all'] as const;
/**
 * The results of the forward pass that the backward pass computes once more instead of keeping them. `none`: nothing. `cheap`: all but
 * those of convolutions, matrix products, poolings and gathers. `all`: those too.
 */
export type Recomputation = (typeof RECOMPUTATIONS)[number];

/** Kernels that `cheap` does not run twice. */
const EXPENSIVE = new Set([
  'BatchMatMul',
  'Conv2D',
  'Conv2DBackpropInput',
  'DepthwiseConv2dNative',
  'GatherV2',
  'MaxPool',
  'AvgPool',
]);

/** Pieces of the forward pass; what one hands to another is kept. Found by measuring: docs/measurements/tracer.md. */
const SEGMENTS = { cheap: 24, all: 8 } as const;

/** What is no larger is kept: statistics, poses, sums. */
const SMALL = 4096;

const SCALAR: TensorType = { shape: [], dtype: 'float32' };

/**
 * A trace whose backward pass makes values of the forward pass anew where it needs them. So they do not have to be kept until
 * then. The forward pass is cut into segments, and values that pass from one to another are kept. Those that a backward node
 * reads are made from them by copies of the forward nodes. The last segment is kept whole: the backward pass begins with it.
 *
 * A copy would be found to equal its original, or run at once, if nothing held it back. So the smallest value that it starts
 * from gets a zero added. The zero is made of all gradients of the later segments, whose activations are free then. Source:
 * Chen et al. 2016, Training deep nets with sublinear memory cost.
 * @throws TrainingError where it is not known at which node the backward pass begins.
 */
export function recomputeActivations(trace: Trace, what: Exclude<Recomputation, 'none'>): Trace {
  if (trace.backwardFrom === undefined) {
    throw new TrainingError(
      'recompute: expected a training step, whose backward pass is known, got another function',
    );
  }
  const rewritten = new Recomputing({ ...trace, backwardFrom: trace.backwardFrom }, what).run();
  verifyTrace(rewritten);
  return rewritten;
}

class Recomputing {
  readonly #trace: Trace;
  readonly #forward: readonly TraceNode[];
  readonly #backward: readonly TraceNode[];
  /** Segment of the forward pass from which a value has to be made anew, by the value's id. */
  readonly #dropped: ReadonlyMap<number, number>;
  readonly #outputs: ReadonlySet<number>;
  readonly #nodes: TraceNode[];
  /** What stands for a value of the old trace in the backward pass. */
  readonly #replaced = new Map<number, Value>();
  /** Values that wait for a gradient, by segment and id. */
  readonly #anchored = new Map<string, Value>();
  /** What was made of the trace's outputs, and last, since the last zero. */
  #pending: Value[] = [];
  #latest: Value | undefined;
  /** Zeros, by segment: each is there when all gradients made before are. */
  readonly #zeros = new Map<number, Value>();
  #nextId: number;

  constructor(trace: Trace & { readonly backwardFrom: number }, what: 'cheap' | 'all') {
    this.#trace = trace;
    const isForward = new Set(trace.nodes.slice(0, trace.backwardFrom));
    const nodes = liveNodes(trace);
    this.#forward = nodes.filter((node) => isForward.has(node));
    this.#backward = nodes.filter((node) => !isForward.has(node));
    this.#dropped = droppedValues(trace, this.#forward, what);
    this.#outputs = new Set(Object.values(trace.outputs).map(({ id }) => id));
    this.#nodes = [...this.#forward];
    const ids = [...Object.values(trace.inputs), ...trace.nodes.flatMap(({ outputs }) => outputs)];
    this.#nextId = ids.reduce((most, { id }) => Math.max(most, id), 0) + 1;
  }

  run(): Trace {
    for (const node of this.#backward) {
      const inputs = mapValues(node.inputs, (value) => this.#standIn(value));
      const outputs = this.#append({ ...node, inputs }, node.outputs);
      for (const [i, value] of outputs.entries()) {
        this.#replaced.set(node.outputs[i].id, value);
        if (value.dtype !== 'float32' || sizeOf(value.shape) === 0) continue;
        this.#latest = value;
        if (this.#outputs.has(node.outputs[i].id)) this.#pending.push(value);
      }
    }
    const outputs = mapValues(this.#trace.outputs, (value) => this.#replaced.get(value.id) ?? value);
    return { inputs: this.#trace.inputs, nodes: this.#nodes, outputs };
  }

  /** What a backward node reads instead of `value`. */
  #standIn(value: Value): Value {
    const known = this.#replaced.get(value.id);
    if (known !== undefined) return known;
    const segment = this.#dropped.get(value.id);
    if (segment === undefined || this.#latest === undefined || value.origin.kind !== 'node') return value;
    this.#copy(value.origin.node, segment);
    return this.#replaced.get(value.id) ?? value;
  }

  /** Runs a forward node once more, after those that it needs; not where nothing can hold it back. */
  #copy(node: TraceNode, segment: number): void {
    let inputs = mapValues(node.inputs, (value) => this.#standIn(value));
    if (Object.entries(node.inputs).every(([name, value]) => inputs[name] === value)) {
      const free = Object.entries(inputs).filter(
        ([, value]) => value.dtype === 'float32' && constantOf(value) === undefined,
      );
      const [first, ...others] = free;
      if (first === undefined) return;
      const [name, smallest] = others.reduce(
        (best, one) => (sizeOf(one[1].shape) < sizeOf(best[1].shape) ? one : best),
        first,
      );
      inputs = { ...inputs, [name]: this.#anchor(smallest, segment) };
    }
    const outputs = this.#append({ ...node, inputs }, node.outputs);
    for (const [i, value] of outputs.entries()) this.#replaced.set(node.outputs[i].id, value);
  }

  /** `value`, not before the gradients of the later segments are there. */
  #anchor(value: Value, segment: number): Value {
    const key = `${segment}:${value.id}`;
    const known = this.#anchored.get(key);
    if (known !== undefined) return known;
    const anchored = this.#kernel('Add', { a: value, b: this.#zero(segment) }, {}, value);
    this.#anchored.set(key, anchored);
    return anchored;
  }

  /** A zero made of one element of every gradient so far. */
  #zero(segment: number): Value {
    const known = this.#zeros.get(segment);
    if (known !== undefined) return known;
    const gradients = new Set([...this.#pending, ...(this.#latest === undefined ? [] : [this.#latest])]);
    const terms = [...[...this.#zeros.values()].slice(-1), ...[...gradients].map((x) => this.#nothing(x))];
    const zero = terms.reduce((a, b) => this.#kernel('Add', { a, b }, {}, SCALAR));
    this.#pending = [];
    this.#zeros.set(segment, zero);
    return zero;
  }

  #nothing(gradient: Value): Value {
    const one: TensorType = { shape: gradient.shape.map(() => 1), dtype: 'float32' };
    const begin = gradient.shape.map(() => 0);
    const x = this.#kernel('Slice', { x: gradient }, { begin, size: one.shape }, one);
    const zero = this.#kernel('ClipByValue', { x }, { clipValueMin: 0, clipValueMax: 0 }, one);
    return this.#kernel('Reshape', { x: zero }, { shape: [] }, SCALAR);
  }

  #kernel(
    kernelName: string,
    inputs: Readonly<Record<string, Value>>,
    attributes: object,
    type: TensorType,
  ): Value {
    return this.#append({ kernelName, opName: 'recompute', inputs, attributes }, [type])[0];
  }

  #append(call: KernelCall, types: readonly TensorType[]): readonly Value[] {
    const outputs: Value[] = [];
    const node: TraceNode = { ...call, outputs };
    for (const { shape, dtype } of types) {
      outputs.push({ id: this.#nextId, shape, dtype, origin: { kind: 'node', node } });
      this.#nextId += 1;
    }
    this.#nodes.push(node);
    return outputs;
  }
}

/** The values of the forward pass that are not kept, by id, with their segments. */
function droppedValues(
  trace: Trace,
  forward: readonly TraceNode[],
  what: 'cheap' | 'all',
): Map<number, number> {
  const segments = segmentsOf(forward, SEGMENTS[what]);
  const last = Math.max(...segments);
  const dropped = new Map<number, number>();
  for (const [i, { kernelName, outputs }] of forward.entries()) {
    const segment = segments[i] ?? last;
    if (segment === last || (what === 'cheap' && EXPENSIVE.has(kernelName))) continue;
    for (const { id, shape } of outputs) if (sizeOf(shape) > SMALL) dropped.set(id, segment);
  }
  for (const [i, { inputs }] of forward.entries()) {
    for (const { id } of Object.values(inputs)) if (dropped.get(id) !== segments[i]) dropped.delete(id);
  }
  for (const { id } of Object.values(trace.outputs)) dropped.delete(id);
  return dropped;
}

function mapValues(
  values: Readonly<Record<string, Value>>,
  map: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
