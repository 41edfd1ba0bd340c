import { CITYSCAPES_CLASSES } from '../../models/class-table.js';
import { GRAPH_CONTRACT } from '../../models/graph-contract.js';
import { type Manifest, parseManifest } from '../../models/manifest.js';
import { GRAPH_FILE } from '../../models/model-store.js';
import { CONFIDENT_RATIO } from '../losses/confidence-loss.js';
import type { PerceptionNetwork } from '../networks/perception-network.js';
import { encodeParameters, type Parameters } from '../weights/parameters.js';
import { WEIGHTS_FILE } from '../weights/weights-file.js';
import { adjusted, type ClassAdjustment } from './class-adjustment.js';
import { embedNetwork } from './embed-network.js';
import { graphMetadata } from './perception-contract.js';
import { buildPerceptionGraph } from './perception-graph.js';
import { type ModelPlace, writeModel } from './write-model.js';

/** What an exported model says of itself beside its files. */
export interface ModelDescription
  extends Omit<Manifest, 'contract' | 'classes' | 'confidence' | 'network' | 'files'> {
  /** What the model is to add to the logits that its parameters give; whoever derives a model from another says its own. */
  readonly classAdjustment: ClassAdjustment | undefined;
}

export interface ExportOptions extends ModelPlace {
  /**
   * As they were learned: `classAdjustment` is added here, and nowhere else. Those that only training needs (the pose
   * network's, the coarser disparities') are stored and not in the graph.
   */
  readonly parameters: Parameters;
  readonly network: PerceptionNetwork;
  readonly description: ModelDescription;
  /** `F16` halves the file; the network computes in float32 all the same. */
  readonly precision: 'F32' | 'F16';
}

/** Writes a model folder: the perception graph, its weights and the manifest. The folder appears complete or not at all. */
export async function exportModel(options: ExportOptions): Promise<Manifest> {
  const { folder, overwrite, inputs, network, description, precision } = options;
  const { classAdjustment, ...described } = description;
  const classes = network.classList ?? CITYSCAPES_CLASSES.slice(0, network.classes);
  const parameters = adjusted(options.parameters, classAdjustment, classes);
  const weights = encodeParameters(parameters, precision, { model: description.name });
  const draft = {
    ...described,
    ...(classAdjustment && { classAdjustment }),
    contract: GRAPH_CONTRACT,
    ...(network.confidence && { confidence: { within: CONFIDENT_RATIO } }),
    classes,
    network: { architecture: network.architecture, options: network.options },
  } as const;
  const withoutFiles = parseManifest({ ...draft, files: {} }, 'the model description');
  const embedded = embedNetwork(network, parameters, weights.locations);
  const graph = buildPerceptionGraph(withoutFiles, embedded).toModel({
    metadata: graphMetadata(withoutFiles),
  });
  const place = { folder, overwrite, ...(inputs && { inputs }) };
  return await writeModel(place, withoutFiles, { [GRAPH_FILE]: graph, [WEIGHTS_FILE]: weights.bytes });
}
