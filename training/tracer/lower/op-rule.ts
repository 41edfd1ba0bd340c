import type { Constant, KernelCall, TensorType, TraceDtype, TraceNode, Value } from '../trace/trace.js';
import type { Lowered } from './lowered.js';
import type { Lowering } from './lowering.js';

export const FLOATS: readonly TraceDtype[] = ['float32'];
export const NUMBERS: readonly TraceDtype[] = ['float32', 'int32'];

/** How one TensorFlow.js kernel is typed and turned into ONNX. */
export interface OpRule<A = unknown> {
  readonly kernelName: string;
  /**
   * Element types of the inputs with which the ONNX ops are defined and give what TensorFlow.js does; by input name where
   * they differ. Others are refused while tracing. By default all.
   */
  readonly accepts?: readonly TraceDtype[] | Readonly<Record<string, readonly TraceDtype[]>>;
  /** Whether the kernel gives a list of tensors, even if there is one. */
  readonly list?: boolean;
  /**
   * What becomes of inputs whose elements are all one number: `elementwise` kernels give one number again, computed from
   * those; `moves` only rearrange elements.
   */
  readonly uniform?: 'elementwise' | 'moves';
  /** Types of the outputs. */
  infer(call: KernelCall<A>): readonly TensorType[];
  /** Whether the kernel's result is a constant whatever its inputs are, given by `simplify`. */
  readonly makesConstant?: boolean;
  /** A value that is already known to equal the (only) output, where there is one: an input, or a constant. */
  simplify?(call: KernelCall<A>, type: TensorType): Value | Constant | undefined;
  /** Adds ONNX nodes and says where the outputs are. */
  lower(node: TraceNode<A>, graph: Lowering): readonly Lowered[];
}

/** Writes a rule for a kernel whose attributes are of type `A`. */
export function opRule<A>(rule: OpRule<A>): OpRule {
  return rule as unknown as OpRule; // a rule is only asked about calls of its kernel
}
