import type { GraphBuilder } from '../onnx/graph-builder.js';
import { type Layout, orderOf } from './lower/layout.js';
import { lowerTrace } from './lower/lower-trace.js';
import type { Lowered } from './lower/lowered.js';
import { DEFAULT_TARGET, type Target } from './lower/target.js';
import type { TracerPasses } from './trace/passes.js';
import { type Recomputation, recomputeActivations } from './trace/recompute-activations.js';
import { record, type TracedFunction } from './trace/record.js';
import type { TensorType, TraceDtype } from './trace/trace.js';

/** A value of the graph that the traced function takes as an input. */
export interface GraphInput extends TensorType {
  /** Its name in the builder. */
  readonly value: string;
  /** How it lies in memory; row major by default. */
  readonly layout?: Layout;
}

/** A result of the traced function in the graph. */
export interface GraphOutput {
  readonly shape: readonly number[];
  readonly dtype: TraceDtype;
  /** The name of the value in `layout`; adds a Transpose where it lies differently. */
  value(layout?: Layout): string;
}

/**
 * Traces `fn` and adds what it computes to `builder`. Gradients (`tf.grads`, `tf.variableGrads`) inside `fn` are traced
 * too.
 */
export function traceInto(
  builder: GraphBuilder,
  {
    fn,
    inputs,
    passes = {},
    target = DEFAULT_TARGET,
    recompute = 'none',
  }: {
    readonly fn: TracedFunction;
    readonly inputs: Readonly<Record<string, GraphInput>>;
    readonly passes?: TracerPasses;
    readonly target?: Target;
    readonly recompute?: Recomputation;
  },
): Record<string, GraphOutput> {
  const recorded = record(fn, inputs, passes);
  const trace = recompute === 'none' ? recorded : recomputeActivations(recorded, recompute);
  const lowered: Record<string, Lowered> = {};
  for (const [name, { value, shape, layout }] of Object.entries(inputs)) {
    lowered[name] = { name: value, order: orderOf(layout, shape.length) };
  }
  const graph = lowerTrace(builder, trace, lowered, passes, target);
  const outputs: Record<string, GraphOutput> = {};
  for (const [name, output] of Object.entries(trace.outputs)) {
    outputs[name] = {
      shape: output.shape,
      dtype: output.dtype,
      value: (layout) => graph.read(output, orderOf(layout, output.shape.length)),
    };
  }
  return outputs;
}
