/** Version of the perception graph's inputs and outputs. */
export const GRAPH_CONTRACT = 1;

/**
 * Name of the graph's node that shrinks the camera image with a low-pass filter. It is the one node that onnxruntime's WebGPU
 * provider accepts but cannot run, so that it is told to leave it to the CPU.
 */
export const LOW_PASS_RESIZE_NODE = 'low_pass_resize';

/** An input or output. Extents known only at run time are letters; equal letters mean equal extents. */
export interface GraphValue {
  readonly type: 'bool' | 'float32' | 'int64' | 'uint8' | 'uint16';
  readonly shape: readonly (number | string)[];
  /** A graph may lack it: an output and the input that asks for it are there together, or neither. */
  readonly optional?: true;
}

/** What a perception graph is fed with, in its order. docs/perception-graph.md says what each means. */
export const GRAPH_INPUTS = {
  image: { type: 'uint8', shape: ['H', 'step'] },
  width: { type: 'int64', shape: [] },
  bytes_per_pixel: { type: 'int64', shape: [] },
  channel_order: { type: 'int64', shape: [3] },
  k: { type: 'float32', shape: [3, 3] },
  scale: { type: 'float32', shape: [] },
  rays: { type: 'float32', shape: ['Hp', 'Wp', 2] },
  point_stride: { type: 'int64', shape: [] },
  want_labels: { type: 'bool', shape: [] },
  want_points: { type: 'bool', shape: [] },
  want_depth16: { type: 'bool', shape: [] },
  want_network_image: { type: 'bool', shape: [], optional: true },
  want_confidence: { type: 'bool', shape: [], optional: true },
  resized_image: { type: 'float32', shape: [1, 'Cr', 'hr', 'wr'], optional: true },
} as const satisfies Readonly<Record<string, GraphValue>>;

/** What a perception graph gives, in its order; what is not wanted has no rows, so that its extents are its own. */
export const GRAPH_OUTPUTS = {
  depth: { type: 'float32', shape: ['H', 'W'] },
  depth16: { type: 'uint16', shape: ['H16', 'W16'] },
  labels: { type: 'uint8', shape: ['Hl', 'Wl'] },
  color: { type: 'uint8', shape: ['Hl', 'Wl', 3] },
  dynamic: { type: 'uint8', shape: ['Hl', 'Wl'] },
  points: { type: 'float32', shape: ['Hp_', 'Wp_', 3] },
  network_image: { type: 'uint8', shape: ['Hn', 'Wn', 3], optional: true },
  confidence: { type: 'float32', shape: ['Hc', 'Wc'], optional: true },
  inverse_depth: { type: 'float32', shape: [1, 1, 'hi', 'wi'], optional: true },
  depth_terms: { type: 'float32', shape: [2], optional: true },
  palette: { type: 'uint8', shape: [256, 4], optional: true },
} as const satisfies Readonly<Record<string, GraphValue>>;

export type GraphInput = keyof typeof GRAPH_INPUTS;
export type GraphOutput = keyof typeof GRAPH_OUTPUTS;

/** Optional outputs, each with the input that it belongs to. */
const OPTIONAL_PAIRS: readonly (readonly [GraphInput, GraphOutput])[] = [
  ['want_network_image', 'network_image'],
  ['want_confidence', 'confidence'],
  ['resized_image', 'inverse_depth'],
  ['resized_image', 'depth_terms'],
];

/**
 * What keeps a graph with these inputs and outputs from being one of the contract, for people; empty where nothing does.
 * Further outputs are nobody's concern; a further input would get nothing.
 */
export function contractProblems(inputs: readonly string[], outputs: readonly string[]): string[] {
  return [
    ...[...missing(GRAPH_INPUTS, inputs), ...missing(GRAPH_OUTPUTS, outputs)].map(
      (name) => `\`${name}\` is missing`,
    ),
    ...OPTIONAL_PAIRS.filter(([want, given]) => inputs.includes(want) !== outputs.includes(given)).map(
      ([want, given]) => `it has one of \`${want}\` and \`${given}\``,
    ),
    ...inputs.filter((name) => !(name in GRAPH_INPUTS)).map((name) => `input \`${name}\` is unknown`),
  ];
}

function missing(declared: Readonly<Record<string, GraphValue>>, there: readonly string[]): string[] {
  return Object.entries(declared)
    .filter(([name, { optional }]) => optional !== true && !there.includes(name))
    .map(([name]) => name);
}
