import { TrainingError } from '../../errors.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { sizeOf } from '../../onnx/tensor-data.js';
import { constantOf, type TensorType, type TraceNode, uniformOf, type Value } from '../trace/trace.js';
import {
  identityOrder,
  type Order,
  permutationBetween,
  permuteData,
  physicalShape,
  sameOrder,
} from './layout.js';
import type { Lowered } from './lowered.js';
import { DEFAULT_TARGET, type Target } from './target.js';

/** Uniform constants up to this many elements are stored in full where an op needs all of them. */
const EXPANDED_ELEMENTS = 4096;

/**
 * The ONNX graph while a trace is turned into it: which ONNX value stands for which traced value, in which physical
 * order. A value gets a Transpose only when an op asks for it in an order that it does not have yet.
 */
export class Lowering {
  readonly builder: GraphBuilder;
  readonly target: Target;
  readonly #values = new Map<number, Lowered>();
  #temporaries = 0;
  readonly #consumers: ReadonlyMap<number, readonly TraceNode[]>;
  readonly #outputs: ReadonlySet<number>;
  readonly #layoutPropagation: boolean;
  /** Names of a value in other orders, by value name and order. */
  readonly #reordered = new Map<string, string>();

  /**
   * @param consumers by value id, the nodes that read it.
   * @param outputs ids of the trace's outputs.
   * @param layoutPropagation see `TracerPasses`.
   * @param target what the graph is made for.
   */
  constructor(
    builder: GraphBuilder,
    consumers: ReadonlyMap<number, readonly TraceNode[]>,
    outputs: ReadonlySet<number>,
    layoutPropagation: boolean,
    target: Target = DEFAULT_TARGET,
  ) {
    this.builder = builder;
    this.target = target;
    this.#layoutPropagation = layoutPropagation;
    this.#outputs = outputs;
    this.#consumers = consumers;
  }

  /** Says which ONNX value `value` is. */
  bind(value: Value, lowered: Lowered): void {
    this.#values.set(value.id, this.#layoutPropagation ? lowered : this.#rowMajor(value, lowered));
  }

  /** A value that is not in the trace, for rules that lower in two steps. */
  temporary(type: TensorType, lowered: Lowered): Value {
    this.#temporaries += 1;
    const value: Value = {
      shape: type.shape,
      dtype: type.dtype,
      id: -this.#temporaries,
      origin: { kind: 'lowering' },
    };
    this.#values.set(value.id, lowered);
    return value;
  }

  /** The nodes that read `value`. */
  consumers(value: Value): readonly TraceNode[] {
    return this.#consumers.get(value.id) ?? [];
  }

  /** Whether exactly one node reads `value` and it is no output. */
  isReadOnce(value: Value): boolean {
    return this.consumers(value).length === 1 && !this.#outputs.has(value.id);
  }

  /** The order in which `value` lies; constants can be had in any. */
  order(value: Value): Order {
    return this.#values.get(value.id)?.order ?? identityOrder(value.shape.length);
  }

  /** `value` as it is, without conversion. */
  lowered(value: Value): Lowered {
    const lowered = this.#values.get(value.id);
    if (lowered !== undefined) return lowered;
    const order = identityOrder(value.shape.length);
    const constant = constantOf(value);
    if (constant === undefined) throw new TrainingError(`value ${value.id} is used before it is lowered`);
    if (constant.kind === 'uniform') {
      const compact = value.shape.map(() => 1);
      return { name: this.builder.constant([constant.value], value.dtype, compact), order, compact };
    }
    return { name: this.builder.constant(constant.data, value.dtype, value.shape), order };
  }

  /** The name of `value` with all its extents, in physical order `order` (row major by default). */
  read(value: Value, order: Order = identityOrder(value.shape.length)): string {
    const constant = constantOf(value);
    if (constant?.kind === 'data') {
      const data = permuteData(constant.data, value.shape, order);
      return this.builder.constant(data, value.dtype, physicalShape(value.shape, order));
    }
    const size = sizeOf(value.shape);
    if (constant !== undefined && size <= EXPANDED_ELEMENTS) {
      const values = new Array<number>(size).fill(constant.value);
      return this.builder.constant(values, value.dtype, physicalShape(value.shape, order));
    }
    const lowered = this.lowered(value);
    const present = lowered.compact ?? value.shape;
    const name = this.#reorder(lowered.name, present, lowered.order, order);
    if (lowered.compact === undefined || sizeOf(lowered.compact) === sizeOf(value.shape)) return name;
    return this.builder.op('Expand', [name, this.int64(physicalShape(value.shape, order))]);
  }

  /**
   * The name of `value` as an operand of a broadcasting op whose result has `order`. Axes of extent 1 may be missing in
   * front, and it may be smaller than its logical shape.
   */
  operand(value: Value, order: Order): string {
    const uniform = uniformOf(value);
    if (uniform !== undefined) return this.builder.constant([uniform], value.dtype, []);
    const missing = order.length - value.shape.length;
    const own = order.filter((axis) => axis >= missing).map((axis) => axis - missing);
    const constant = constantOf(value);
    const lowered = this.lowered(value);
    const name =
      constant === undefined
        ? this.#reorder(lowered.name, lowered.compact ?? value.shape, lowered.order, own)
        : this.read(value, own);
    const first = order.findIndex((axis) => axis >= missing);
    const gaps = order.flatMap((axis, i) => (axis < missing && i > first && first >= 0 ? [i - first] : []));
    return gaps.length === 0 ? name : this.builder.op('Unsqueeze', [name, this.int64(gaps)]);
  }

  /** Logical extents of `value` that its ONNX value has, extended in front to `rank` axes. */
  present(value: Value, rank: number): number[] {
    const own =
      uniformOf(value) !== undefined
        ? value.shape.map(() => 1)
        : (this.#values.get(value.id)?.compact ?? value.shape);
    return [...new Array<number>(rank - value.shape.length).fill(1), ...own];
  }

  /** Axes that `operand` gives for `value`. */
  operandRank(value: Value, order: Order): number {
    if (uniformOf(value) !== undefined || value.shape.length === 0) return 0;
    const missing = order.length - value.shape.length;
    return order.length - order.findIndex((axis) => axis >= missing);
  }

  /** The order for the result, of rank `rank`, of an op over `values` that costs the fewest transpositions. */
  commonOrder(values: readonly Value[], rank: number): Order {
    let best: Order = identityOrder(rank);
    let bestSize = 0;
    for (const value of values) {
      if (value.shape.length !== rank || constantOf(value) !== undefined) continue;
      const order = this.order(value);
      const present = this.present(value, rank);
      const size = sizeOf(present) + (sameOrder(order, identityOrder(rank)) ? 0 : 0.5);
      if (size > bestSize) {
        best = order;
        bestSize = size;
      }
    }
    return best;
  }

  /** A constant vector of 64-bit integers, as ONNX wants axes, shapes and the like. */
  int64(values: readonly number[]): string {
    return this.builder.constant(values, 'int64', [values.length]);
  }

  /** A constant number of `value`'s element type. */
  scalar(number: number, dtype: Value['dtype'] = 'float32'): string {
    return this.builder.constant([number], dtype, []);
  }

  #rowMajor(value: Value, { name, order, compact }: Lowered): Lowered {
    const logical = identityOrder(value.shape.length);
    return {
      name: this.#reorder(name, compact ?? value.shape, order, logical),
      order: logical,
      compact,
    };
  }

  /** Changes the physical order of an ONNX value with logical extents `shape`. */
  #reorder(name: string, shape: readonly number[], from: Order, to: Order): string {
    if (sameOrder(from, to)) return name;
    const key = `${name}:${from}:${to}`;
    const existing = this.#reordered.get(key);
    if (existing !== undefined) return existing;
    const made = this.#reorderNew(name, shape, from, to);
    this.#reordered.set(key, made);
    return made;
  }

  #reorderNew(name: string, shape: readonly number[], from: Order, to: Order): string {
    const long = (order: Order): Order => order.filter((axis) => shape[axis] !== 1);
    if (!sameOrder(long(from), long(to))) {
      return this.builder.op('Transpose', [name], { perm: permutationBetween(from, to) });
    }
    // Only axes of extent 1 move: no data does.
    const ones = (order: Order): number[] => order.flatMap((axis, i) => (shape[axis] === 1 ? [i] : []));
    if (ones(from).join() === ones(to).join()) return name;
    const squeezed = this.builder.op('Squeeze', [name, this.int64(ones(from))]);
    return this.builder.op('Unsqueeze', [squeezed, this.int64(ones(to))]);
  }
}
