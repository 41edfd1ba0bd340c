import path from 'node:path';
import { GRAPH_CONTRACT } from '../../../models/graph-contract.js';
import { type Manifest, parseManifest } from '../../../models/manifest.js';
import { GRAPH_FILE } from '../../../models/model-store.js';
import { TrainingError } from '../../errors.js';
import { MAX_OPSET } from '../../onnx/graph-builder.js';
import { type OnnxFile, readOnnxFile } from '../../onnx/onnx-file.js';
import { OLDEST_OPSET } from '../../onnx/upgrade-node.js';
import { buildContract, graphMetadata } from '../perception-contract.js';
import { WEIGHTS_FILE } from '../weights-file.js';
import { type ModelPlace, writeModel } from '../write-model.js';
import { classTable, type ImportDescription, type ImportInput } from './import-description.js';
import { ImportedNetwork } from './imported-network.js';
import { importedStages, manifestDepth } from './imported-stages.js';
import { tryModel } from './try-model.js';
import { WeightFile } from './weight-file.js';

/** The operator set of graphs whose networks do not need a newer one. */
const LEAST_OPSET = 18;

/** Its `folder` is the model folder to write. */
export interface ImportOnnxOptions extends ModelPlace {
  readonly description: ImportDescription;
  readonly command: string;
}

export interface ImportedModel {
  readonly manifest: Manifest;
  /** What was found and tried, for people. */
  readonly report: readonly string[];
}

/**
 * Wraps ONNX networks into a perception graph of contract 1 and writes the model folder. It is opened and run once before
 * it takes its place.
 * @throws TrainingError naming the file and what in it cannot be carried over, or what does not fit the description.
 */
export async function importOnnx({
  description,
  command,
  ...place
}: ImportOnnxOptions): Promise<ImportedModel> {
  const { depth, segmentation, name, license } = description;
  const files = new Map<string, OnnxFile>();
  for (const file of [depth?.onnx, segmentation?.onnx]) {
    if (file !== undefined && !files.has(file)) files.set(file, await readOnnxFile(file));
  }
  const opset = commonOpset([...files.values()]);
  const weights = new WeightFile();
  const draft = draftOf(description, [...files.values()], command);
  const build = () => {
    const networks = networksOf(description, files, opset, weights);
    const manifest = parseManifest(
      { ...draft, input: manifestInput(description, networks), files: {} },
      'the imported model',
    );
    const graph = buildContract(manifest, importedStages(description, networks)).toModel({
      metadata: graphMetadata(manifest),
      opset,
    });
    return { graph, manifest };
  };
  build();
  const bytes = weights.encode({ model: name, license });
  const { graph, manifest } = build();
  let tried = '';
  const written = await writeModel(
    place,
    manifest,
    { [GRAPH_FILE]: graph, [WEIGHTS_FILE]: bytes },
    async (fresh) => {
      tried = await tryModel(fresh);
    },
  );
  const report = [...files.values()].map(
    ({ file, model }) =>
      `${path.basename(file)}: ${model.producer || 'unknown producer'}, operator set ${model.opsets.get('')}, ${model.graph.nodes.length} nodes`,
  );
  return { manifest: written, report: [...report, tried] };
}

function networksOf(
  { depth, segmentation }: ImportDescription,
  files: ReadonlyMap<string, OnnxFile>,
  opset: number,
  weights: WeightFile,
): { depth?: ImportedNetwork; segmentation?: ImportedNetwork } {
  const open = (file: string, prefix: string, input: ImportInput): ImportedNetwork => {
    const onnx = files.get(file) as OnnxFile; // all were read
    const constant: ConstructorParameters<typeof ImportedNetwork>[2]['constant'] = (g, value) =>
      weights.constant(g, prefix, onnx.external.get(value) ?? value, WEIGHTS_FILE);
    return new ImportedNetwork(onnx, input, { opset, constant });
  };
  const depthNetwork = depth && open(depth.onnx, 'depth', depth.input);
  const own = segmentation?.input;
  const shared = depthNetwork !== undefined && own === undefined && segmentation?.onnx === depth?.onnx;
  const segmentationNetwork = shared
    ? depthNetwork
    : segmentation && open(segmentation.onnx, 'segmentation', own ?? DEFAULT_INPUT);
  return {
    ...(depthNetwork && { depth: depthNetwork }),
    ...(segmentationNetwork && { segmentation: segmentationNetwork }),
  };
}

const DEFAULT_INPUT: ImportInput = {
  ...{ fit: 'letterbox', layout: 'NCHW', channels: 'RGB' },
  ...{ mean: [0, 0, 0], std: [1, 1, 1] },
};

function manifestInput(
  { depth, segmentation }: ImportDescription,
  networks: { readonly depth?: ImportedNetwork; readonly segmentation?: ImportedNetwork },
): Manifest['input'] | undefined {
  const network = networks.depth ?? networks.segmentation;
  if (network === undefined) return undefined;
  const { mean, std } = depth?.input ?? segmentation?.input ?? DEFAULT_INPUT;
  const { size } = network.view;
  const canonical = depth?.canonicalFocalPixels;
  return {
    ...('height' in size ? { pixels: size.height * size.width, multiple: 1 } : size),
    ...{ mean, std },
    ...(canonical !== undefined && { canonicalFocalPixels: canonical }),
  };
}

function draftOf(
  description: ImportDescription,
  files: readonly OnnxFile[],
  command: string,
): Omit<Manifest, 'files' | 'input'> {
  const { name, license, depth, segmentation } = description;
  const named = <T extends { onnx: string }>(part: T) => ({ ...part, onnx: path.basename(part.onnx) });
  const options = {
    ...(depth && { depth: named(depth) }),
    ...(segmentation && { segmentation: named(segmentation) }),
  };
  return {
    ...{ name, version: 0, license, contract: GRAPH_CONTRACT },
    depth: manifestDepth(depth),
    classes: segmentation === undefined ? [] : classTable(segmentation.classes),
    network: { architecture: 'onnx', options },
    provenance: {
      method: `imported (${files.map(({ model }) => model.producer || 'ONNX').join(', ')})`,
      data: files.map(({ file, sha256 }) => `${path.basename(file)} (sha256 ${sha256})`).join(', '),
      ...{ seed: 0, steps: 0, trainedSeconds: 0, command },
      ...{ createdAt: new Date().toISOString(), metrics: {} },
    },
  };
}

/** The operator set of a graph that holds all of the networks: older ones are brought up to it. */
function commonOpset(files: readonly OnnxFile[]): number {
  const versions = files.map(({ file, model }) => {
    const version = model.opsets.get('');
    if (version !== undefined && version >= OLDEST_OPSET && version <= MAX_OPSET) return version;
    throw new TrainingError(
      `${file} uses version ${version ?? 'unknown'} of ONNX's operator set; expected \`${OLDEST_OPSET} to ${MAX_OPSET}\`.`,
      { file },
    );
  });
  return Math.max(LEAST_OPSET, ...versions);
}
