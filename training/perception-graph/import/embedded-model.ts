import { GRAPH_INPUTS, type GraphInput, type GraphOutput } from '../../../models/graph-contract.js';
import { type LoadedModel, loadModel } from '../../../models/model-store.js';
import { resolveModel } from '../../../models/resolve-model.js';
import { TrainingError } from '../../errors.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { type OnnxFile, readOnnxFile } from '../../onnx/onnx-file.js';
import { scalar } from '../../onnx/shape-ops.js';
import type { CameraValues, LabelGrid } from '../perception-contract.js';
import { ForeignNetwork, type ForeignNetworkOptions } from './foreign-network.js';

/** A model folder whose depth or classes are to be part of another model. */
export interface ModelFile extends LoadedModel {
  readonly onnx: OnnxFile;
}

/** Reads a model that a description names: folder or NAME/N. @throws ModelError, or TrainingError naming what it lacks. */
export async function readModelFile(text: string, part: 'depth' | 'segmentation'): Promise<ModelFile> {
  const model = await loadModel(await resolveModel(text));
  const { depth, classes } = model.manifest;
  if (part === 'depth' ? depth.kind === 'none' : classes.length === 0)
    throw new TrainingError(
      `${model.folder} gives no ${part === 'depth' ? 'depth' : 'classes'}; expected a model that does for \`${part}\`.`,
    );
  return { ...model, onnx: await readOnnxFile(model.graphPath) };
}

/** What only whoever shrinks the image outside of a graph feeds: nothing is added to it inside another. */
const RESIZED: GraphInput = 'resized_image';

/**
 * The perception graph of a model inside another: fed with the same camera. Each output is wanted where it is asked for,
 * so that the branches which a wish chooses stand in its place.
 */
export class EmbeddedModel {
  readonly #network: ForeignNetwork;
  readonly #outputs: ReadonlySet<string>;

  constructor({ onnx }: ModelFile, options: ForeignNetworkOptions) {
    const decided = new Map(
      Object.entries(GRAPH_INPUTS).flatMap(([name, { type }]) => (type === 'bool' ? [[name, true]] : [])),
    );
    this.#network = new ForeignNetwork(onnx.model, { ...options, decided });
    // The graph around has the same inputs under the same names.
    for (const [name, { type }] of Object.entries(GRAPH_INPUTS))
      if (type !== 'bool' && name !== RESIZED) this.#network.feed(name, name);
    this.#outputs = new Set(onnx.model.graph.outputs.map(({ name }) => name));
  }

  gives(output: GraphOutput): boolean {
    return this.#outputs.has(output);
  }

  compute(g: GraphBuilder, output: GraphOutput): string {
    this.#network.feed(RESIZED, g.constant([0], 'float32', [1, 1, 1, 1]));
    const [value = ''] = this.#network.outputs(g, [output]);
    return value;
  }

  /** Its labels, which are the camera's already. */
  labels(g: GraphBuilder, { height, width }: CameraValues): LabelGrid {
    const all = (extent: string) => g.op('Range', [scalar(g, 0), extent, scalar(g, 1)]);
    return { labels: this.compute(g, 'labels'), rows: all(height), columns: all(width) };
  }
}
