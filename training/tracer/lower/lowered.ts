import type { Order } from './layout.js';

/** A value in the ONNX graph: its name and how it lies in memory. */
export interface Lowered {
  readonly name: string;
  readonly order: Order;
  /**
   * Logical extents that the ONNX value really has, where that is less than the value's shape: it stands for itself
   * broadcast. Gradients of sums, for example, stay scalars.
   */
  readonly compact?: readonly number[];
}
