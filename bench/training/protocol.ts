import type { Recomputation } from '../../training/tracer/trace/recompute-activations.js';
import type { WorkloadSize } from './workload.js';

/** What a contestant is started with. */
export interface Task extends WorkloadSize {
  readonly threads: number;
  readonly learningRate: number;
  /** Of the compiled step. */
  readonly recompute?: Recomputation;
  /** Whether idle threads of onnxruntime spin, as PyTorch's do. */
  readonly spinning?: boolean;
  /** Eager TensorFlow.js's backend. */
  readonly backend?: string;
  /** Writes onnxruntime's profile to a file with this prefix. */
  readonly profilePrefix?: string;
}

/** A contestant's answer to `step`: one training step, the optimizer included. */
export interface StepTiming {
  readonly ms: number;
  /** Without the optimizer. */
  readonly gradientMs: number;
  /** Processor time of all threads. */
  readonly cpuMs: number;
  readonly loss: number;
  /** Peak memory of the contestant's process so far. */
  readonly peakMb: number;
}
