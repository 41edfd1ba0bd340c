import { loadModel } from '../models/model-store.js';
import { readOnnxFile } from '../training/onnx/onnx-file.js';
import {
  type EditableGraph,
  type EditableNode,
  editableGraph,
  encodeGraph,
} from '../training/quantization/editable-graph.js';
import { flattenBranches } from '../training/quantization/flatten-branches.js';

/** The network of a model alone, as it computes: normalised pixels of a fixed size in, what its heads give out. */
export interface NetworkOnly {
  readonly onnx: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** Whether it gives `trust`. */
  readonly trusts: boolean;
}

/**
 * Cuts the network out of a perception graph of this project's own networks, at the size that the graph would choose for a
 * camera image. Its input `image` is float32 [1, 3, h, w]; its outputs are `disparity`, float32 [1, 1, h, w], `logits`,
 * float32 [1, classes, h / 2, w / 2], in 8 bits perhaps with channels that fill, and `trust`, float32 [1, 1, h / 2, w / 2],
 * 0..1, where the model tells one.
 * @param imageHeight, imageWidth of the camera, with square pixels.
 */
export async function networkOnly(
  modelFolder: string,
  imageHeight: number,
  imageWidth: number,
): Promise<NetworkOnly> {
  const { manifest, graphPath } = await loadModel(modelFolder);
  const { pixels, multiple } = manifest.input;
  const ideal = Math.sqrt(pixels / (imageWidth * imageHeight));
  const toMultiple = (extent: number) => Math.max(1, Math.round((extent * ideal) / multiple)) * multiple;
  const [height, width] = [toMultiple(imageHeight), toMultiple(imageWidth)];

  const file = await readOnnxFile(graphPath);
  const trusts = manifest.confidence !== undefined;
  const graph = editableGraph(file);
  const maps = ['depth', ...(trusts ? ['confidence'] : [])];
  const whole = flattenBranches(graph, [...maps, 'labels']);
  const nodes = whole.nodes.map((node) => ({ ...node }));
  // The graph pads the normalised picture to the network's size, and cuts the padding off what its heads give again.
  const padded = theOne(nodes, ({ opType, attributes }) => {
    const mode = attributes.get('mode');
    return opType === 'Pad' && mode?.kind === 'string' && mode.value === 'edge';
  });
  const unpadded = (output: string): string => {
    const { nodes: its } = flattenBranches(graph, [output]);
    const resized = new Set(its.filter(({ opType }) => opType === 'Resize').map(({ inputs }) => inputs[0]));
    const shown = theOne(its, ({ opType, outputs }) => opType === 'Slice' && resized.has(outputs[0] ?? ''));
    return shown.inputs[0] ?? '';
  };
  /** What a value is resized from: the size is one that the graph computes from the camera's, which is not here. */
  const notResized = (name: string): string =>
    theOne(nodes, ({ opType, outputs }) => opType === 'Resize' && outputs[0] === name).inputs[0] ?? '';
  const classes = theOne(nodes, ({ opType }) => opType === 'ArgMax');
  const heads = [
    { from: unpadded('depth'), to: 'disparity' },
    { from: classes.inputs[0] ?? '', to: 'logits' },
    ...(trusts ? [{ from: notResized(unpadded('confidence')), to: 'trust' }] : []),
  ];
  for (const node of nodes)
    node.inputs = node.inputs.map((name) => (name === padded.outputs[0] ? 'image' : name));
  const network: EditableGraph = {
    ...whole,
    nodes: [
      ...nodes.filter((node) => node !== padded),
      ...heads.map(({ from, to }) => identityNode(from, to)),
    ],
    inputs: [{ name: 'image', type: { dtype: 'float32', shape: [1, 3, height, width] } }],
  };
  const alone = flattenBranches(
    network,
    heads.map(({ to }) => to),
  );
  return { onnx: encodeGraph(alone, file.model.opsets, {}), height, width, trusts };
}

function theOne(nodes: readonly EditableNode[], isIt: (node: EditableNode) => boolean): EditableNode {
  const [node, second] = nodes.filter(isIt);
  if (node === undefined || second !== undefined)
    throw new Error("the model's graph is not one of this project's networks: choose another with --model");
  return node;
}

function identityNode(from: string, to: string): EditableNode {
  return {
    ...{ name: to, opType: 'Identity', domain: '', inputs: [from], outputs: [to] },
    ...{ attributes: new Map(), graphs: new Map() },
  };
}
