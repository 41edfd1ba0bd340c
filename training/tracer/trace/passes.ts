/**
 * What the tracer does to make graphs small and fast. All of it is on by default; each can be switched off, to measure
 * it or to look for a fault. The graph computes the same either way.
 */
export interface TracerPasses {
  /** Values stay in the order in which convolutions leave them; off, every value is brought back to row major. */
  readonly layoutPropagation?: boolean;
  /** Kernels over constants are computed while tracing and operations that change nothing give their input. */
  readonly constantFolding?: boolean;
  /** Equal nodes and equal constants are stored once. */
  readonly commonSubexpressions?: boolean;
  /** What no output needs is left out. */
  readonly deadCode?: boolean;
}

export const ALL_PASSES: Readonly<Required<TracerPasses>> = {
  layoutPropagation: true,
  constantFolding: true,
  commonSubexpressions: true,
  deadCode: true,
};
