/** What a graph's builder leaves out. All is on by default; the graph computes the same either way. */
export interface GraphPasses {
  /** Stores equal nodes and equal constants once. */
  readonly commonSubexpressions?: boolean;
  /** Leaves out what no output needs. */
  readonly deadCode?: boolean;
}

export const ALL_GRAPH_PASSES: Readonly<Required<GraphPasses>> = {
  commonSubexpressions: true,
  deadCode: true,
};
