import type { OnnxFile } from '../onnx/onnx-file.js';
import { dropUnreadConstants, type EditableGraph, editableGraph } from './editable-graph.js';
import { foldWeights } from './fold-weights.js';
import { transposeNarrowHeads } from './narrow-heads.js';

/** A fresh copy of a file's graph as it is rounded: weights are whole, and narrow heads are transposed convolutions. */
export function foldedGraph(file: OnnxFile): EditableGraph {
  const graph = editableGraph(file);
  foldWeights(graph);
  transposeNarrowHeads(graph);
  dropUnreadConstants(graph);
  return graph;
}
