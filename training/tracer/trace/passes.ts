import { ALL_GRAPH_PASSES } from '../../onnx/graph-passes.js';

/**
 * The passes that make graphs small and fast. All are on by default. Switch one off to measure it or to look for a fault.
 * The graph computes the same either way.
 */
export interface TracerPasses {
  /** Keeps values in the order in which convolutions leave them. Without it, every value is brought back to row major. */
  readonly layoutPropagation?: boolean;
  /** Computes kernels over constants while tracing, and replaces operations that change nothing by their input. */
  readonly constantFolding?: boolean;
  /** Stores equal nodes and equal constants once. */
  readonly commonSubexpressions?: boolean;
  /** Leaves out what no output needs. */
  readonly deadCode?: boolean;
}

export const ALL_PASSES: Readonly<Required<TracerPasses>> = {
  layoutPropagation: true,
  constantFolding: true,
  ...ALL_GRAPH_PASSES,
};
