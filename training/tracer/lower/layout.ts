import { TrainingError } from '../../errors.js';
import type { TensorArray } from '../../onnx/tensor-data.js';

/** The memory order of a tensor's axes, a permutation: `order[i]` is the logical axis at physical position `i`, slowest first. */
export type Order = readonly number[];

/**
 * The memory layout of a tensor. TensorFlow.js code sees logical tensors (images NHWC, filters HWIO); the names give the
 * physical order that onnxruntime's convolutions want.
 * - `NCHW`: a logical NHWC tensor stored channels first;
 * - `OIHW`: a logical HWIO filter stored as ONNX's Conv takes it;
 * - `logical`: row major in the logical axes;
 * - an explicit order of the axes.
 */
export type Layout = 'NCHW' | 'OIHW' | 'logical' | Order;

const NAMED: Readonly<Record<'NCHW' | 'OIHW', Order>> = { NCHW: [0, 3, 1, 2], OIHW: [3, 2, 0, 1] };

export const NCHW: Order = NAMED.NCHW;
export const OIHW: Order = NAMED.OIHW;

/** The physical order that `layout` means for a tensor of `rank` axes. */
export function orderOf(layout: Layout | undefined, rank: number): Order {
  if (layout === undefined || layout === 'logical') return identityOrder(rank);
  const order = typeof layout === 'string' ? NAMED[layout] : layout;
  if (order.length !== rank || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
    throw new TrainingError(`layout ${JSON.stringify(layout)}: expected a permutation of \`${rank}\` axes`);
  }
  return order;
}

/** Row major: physical axes are the logical ones. */
export function identityOrder(rank: number): Order {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** Whether two orders of axes are the same. */
export function sameOrder(a: Order, b: Order): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/** Extents in memory of a tensor of logical `shape`. */
export function physicalShape(shape: readonly number[], order: Order): number[] {
  return order.map((axis) => shape[axis]);
}

/** `perm` of the ONNX Transpose that turns order `from` into order `to`. */
export function permutationBetween(from: Order, to: Order): number[] {
  return to.map((axis) => from.indexOf(axis));
}

/** Copies `data`, whose extents are `shape`, so that its axes follow `permutation`. */
export function permuteData<T extends TensorArray>(
  data: T,
  shape: readonly number[],
  permutation: readonly number[],
): T {
  if (permutation.every((axis, i) => axis === i)) return data;
  const rank = shape.length;
  const strides = new Array<number>(rank).fill(1);
  for (let axis = rank - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  const outShape = permutation.map((axis) => shape[axis]);
  const outStrides = permutation.map((axis) => strides[axis]);
  const out = data.slice() as T; // of the same class
  const index = new Array<number>(rank).fill(0);
  let source = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[source];
    for (let axis = rank - 1; axis >= 0; axis--) {
      index[axis] += 1;
      source += outStrides[axis];
      if (index[axis] < outShape[axis]) break;
      source -= outStrides[axis] * outShape[axis];
      index[axis] = 0;
    }
  }
  return out;
}
