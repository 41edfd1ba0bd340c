/**
 * The intermediate form: what a TensorFlow.js function computed, as a list of kernels over typed values.
 *
 *     trace    ::= inputs: name -> value,  nodes: node*,  outputs: name -> value
 *     node     ::= outputs: value+  =  kernel(inputs: name -> value, attributes)   in the op `opName`
 *     value    ::= type, origin
 *     type     ::= dtype [extent*]
 *     dtype    ::= float32 | int32 | bool
 *     origin   ::= input | constant | node
 *     constant ::= uniform number | data
 *
 * Kernels and attributes are TensorFlow.js's own (`kernel_names`); shapes are logical (images NHWC, filters HWIO). Nodes
 * stand in the order in which they ran. So every input of a node is an input, a constant or made by an earlier node.
 */
export interface Trace {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly nodes: readonly TraceNode[];
  readonly outputs: Readonly<Record<string, Value>>;
  /** Where the backward pass begins, as an index of `nodes`; in training steps. */
  readonly backwardFrom?: number | undefined;
}

/** Element type of a traced tensor; a `bool` is one byte, 0 or 1. */
export type TraceDtype = 'float32' | 'int32' | 'bool';

/** Shape and element type of a tensor. */
export interface TensorType {
  /** Logical extents, slowest axis first; [] for a scalar. */
  readonly shape: readonly number[];
  /** Element type. */
  readonly dtype: TraceDtype;
}

export interface Value extends TensorType {
  readonly id: number;
  readonly origin: Origin;
}

export type Origin =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly constant: Constant }
  | { readonly kind: 'node'; readonly node: TraceNode }
  /** Made while lowering; never in a trace. */
  | { readonly kind: 'lowering' };

/** Data of a tensor: floats, int32, or bools of one byte each. */
export type ConstantData = Float32Array | Int32Array | Uint8Array;

export type Constant =
  | { readonly kind: 'uniform'; readonly value: number }
  | { readonly kind: 'data'; readonly data: ConstantData };

/** One kernel invocation; `A` are the attributes of its kernel. */
export interface KernelCall<A = unknown> {
  readonly kernelName: string;
  /** The TensorFlow.js op that ran it, for messages: `conv2d`. */
  readonly opName: string;
  /** Inputs by TensorFlow.js's input names; kernels over lists number them `0`, `1`, ... */
  readonly inputs: Readonly<Record<string, Value>>;
  readonly attributes: A;
}

export interface TraceNode<A = unknown> extends KernelCall<A> {
  readonly outputs: readonly Value[];
}

/** The constant that `value` is known to be. */
export function constantOf(value: Value): Constant | undefined {
  return value.origin.kind === 'constant' ? value.origin.constant : undefined;
}

/** The number that every element of `value` is known to be. */
export function uniformOf(value: Value): number | undefined {
  const constant = constantOf(value);
  return constant?.kind === 'uniform' ? constant.value : undefined;
}

/** `float32 [2,3]` */
export function describeType(type: TensorType): string {
  return `${type.dtype} [${type.shape}]`;
}
