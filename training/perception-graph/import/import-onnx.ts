import path from 'node:path';
import { GRAPH_CONTRACT } from '../../../models/graph-contract.js';
import { type Manifest, parseManifest } from '../../../models/manifest.js';
import { GRAPH_FILE } from '../../../models/model-store.js';
import { TrainingError } from '../../errors.js';
import { MAX_OPSET } from '../../onnx/graph-builder.js';
import type { OnnxFile } from '../../onnx/onnx-file.js';
import { OLDEST_OPSET } from '../../onnx/upgrade-node.js';
import { WEIGHTS_FILE } from '../../weights/weights-file.js';
import { buildContract, graphMetadata } from '../perception-contract.js';
import { type ModelPlace, writeModel } from '../write-model.js';
import { EmbeddedModel, type ModelFile, readModelFile } from './embedded-model.js';
import type { ForeignNetworkOptions } from './foreign-network.js';
import { type ImportDescription, type ImportInput, isModelPart } from './import-schema.js';
import { manifestDepth } from './imported-depth.js';
import { ImportedNetwork } from './imported-network.js';
import { type ImportedParts, importedStages } from './imported-stages.js';
import { labelHeads } from './label-heads.js';
import { networkProbe, runProbe } from './network-probe.js';
import { readNetworkFile } from './read-network-file.js';
import type { TrialReport } from './trial-step.js';
import { tryModel } from './try-model.js';
import { WeightFile } from './weight-file.js';

/** The operator set of graphs whose networks do not need a newer one. */
const LEAST_OPSET = 18;

/** Its `folder` is the model folder to write. */
export interface ImportOnnxOptions extends ModelPlace {
  readonly description: ImportDescription;
  readonly command: string;
  /** Told what is tried; a network may never end. */
  readonly onTrial?: TrialReport;
}

export interface ImportedModel {
  readonly manifest: Manifest;
  /** What was found and tried, for people. */
  readonly report: readonly string[];
}

/** What a description names, read. */
interface Sources {
  readonly description: ImportDescription;
  /** Files by path. */
  readonly files: ReadonlyMap<string, OnnxFile>;
  /** Models by their names in the description. */
  readonly models: ReadonlyMap<string, ModelFile>;
}

/**
 * Wraps ONNX networks, and models of this kind, into a perception graph of contract 1 and writes the model folder. It is
 * opened and run before it takes its place.
 * @throws TrainingError naming the file and what in it cannot be carried over, or what does not fit the description.
 * ModelError for a model that cannot be used.
 */
export async function importOnnx({
  description,
  command,
  onTrial = () => {},
  ...place
}: ImportOnnxOptions): Promise<ImportedModel> {
  const { name, license } = description;
  const sources = await readSources(description);
  const opset = commonOpset(sources);
  const weights = new WeightFile();
  const draft = draftOf(sources, command);
  const build = () => {
    weights.begin();
    const parts = partsOf(sources, opset, weights);
    const manifest = parseManifest(
      { ...draft, input: manifestInput(sources, parts), files: {} },
      'the imported model',
    );
    const graph = buildContract(manifest, importedStages(parts));
    return { manifest, graph: graph.toModel({ metadata: graphMetadata(manifest), opset }) };
  };
  build();
  const bytes = weights.encode({ model: name, license });
  const { graph, manifest } = build();
  const tried: string[] = [];
  const written = await writeModel(
    place,
    manifest,
    { [GRAPH_FILE]: graph, [WEIGHTS_FILE]: bytes },
    async (fresh) => {
      // The networks alone first: what is wrong with them has names there.
      weights.begin();
      const probe = networkProbe(partsOf(sources, opset, weights), opset);
      const warnings = probe === undefined ? [] : await runProbe(fresh, probe, onTrial);
      onTrial({ folder: fresh, what: 'The imported graph computes a picture' });
      tried.push(await tryModel(fresh), ...warnings);
      onTrial(undefined);
    },
  );
  const report = [
    ...[...sources.files.values()].map(
      ({ file, model }) =>
        `${path.basename(file)}: ${model.producer || 'unknown producer'}, operator set ${model.opsets.get('')}, ${model.graph.nodes.length} nodes`,
    ),
    ...[...sources.models.values()].map(
      ({ folder, manifest: own }) => `${folder}: ${own.name} ${own.version}`,
    ),
  ];
  return { manifest: written, report: [...report, ...tried] };
}

async function readSources(description: ImportDescription): Promise<Sources> {
  const { depth, segmentation } = description;
  const files = new Map<string, OnnxFile>();
  const models = new Map<string, ModelFile>();
  for (const [part, source] of [
    ['depth', depth],
    ['segmentation', segmentation],
  ] as const) {
    if (source === undefined) continue;
    if (isModelPart(source)) models.set(source.model, await readModelFile(source.model, part));
    else if (!files.has(source.onnx)) files.set(source.onnx, await readNetworkFile(source.onnx));
  }
  return { description, files, models };
}

function partsOf({ description, files, models }: Sources, opset: number, weights: WeightFile): ImportedParts {
  const { depth, segmentation } = description;
  const optionsOf = (onnx: OnnxFile, prefix: string, isApart: boolean): ForeignNetworkOptions => ({
    ...{ opset, label: prefix },
    constant: (g, value) =>
      weights.constant(g, { prefix, isApart }, onnx.external.get(value) ?? value, WEIGHTS_FILE),
  });
  const open = (file: string, prefix: string, image: ImportInput, others: ImportedNetworkFeeds) => {
    const onnx = files.get(file) as OnnxFile; // all were read
    return new ImportedNetwork(onnx, { image, others }, optionsOf(onnx, prefix, false));
  };
  // Apart from all else: onnxruntime (1.30) fails on an 8-bit network that shares its scales with one around its branch.
  const embed = (name: string, prefix: string) => {
    const model = models.get(name) as ModelFile; // all were read
    return { from: 'model', model: new EmbeddedModel(model, optionsOf(model.onnx, prefix, true)) } as const;
  };
  const depthPart: ImportedParts['depth'] =
    depth === undefined
      ? undefined
      : isModelPart(depth)
        ? embed(depth.model, 'depth')
        : {
            from: 'network',
            network: open(depth.onnx, 'depth', depth.input, depth.inputs),
            description: depth,
          };
  if (segmentation === undefined) return { depth: depthPart };
  if (isModelPart(segmentation))
    return { depth: depthPart, labels: embed(segmentation.model, 'segmentation') };
  const { heads } = labelHeads(segmentation);
  const { onnx, input, inputs } = segmentation;
  const isOne = depth !== undefined && !isModelPart(depth) && depth.onnx === onnx && input === undefined;
  const network =
    isOne && depthPart?.from === 'network'
      ? depthPart.network
      : open(onnx, 'segmentation', input ?? DEFAULT_INPUT, inputs);
  return { depth: depthPart, labels: { from: 'network', network, heads } };
}

type ImportedNetworkFeeds = ConstructorParameters<typeof ImportedNetwork>[1]['others'];

const DEFAULT_INPUT: ImportInput = { fit: 'letterbox' };

function manifestInput(
  { description: { depth, segmentation }, models }: Sources,
  parts: ImportedParts,
): Manifest['input'] | undefined {
  const [part, from] = depth === undefined ? [segmentation, parts.labels] : [depth, parts.depth];
  if (part === undefined || from === undefined) return undefined;
  if (isModelPart(part)) return models.get(part.model)?.manifest.input;
  if (from.from === 'model') return undefined;
  const { mean, std } = from.network.pixels;
  const { size } = from.network.view;
  const canonical = 'canonicalFocalPixels' in part ? part.canonicalFocalPixels : undefined;
  return {
    ...('height' in size ? { pixels: size.height * size.width, multiple: 1 } : size),
    ...{ mean: [...mean], std: [...std] },
    ...(canonical !== undefined && { canonicalFocalPixels: canonical }),
  };
}

function draftOf(
  { description, files, models }: Sources,
  command: string,
): Omit<Manifest, 'files' | 'input'> {
  const { name, license, depth, segmentation } = description;
  const named = (part: NonNullable<typeof depth | typeof segmentation>) => {
    if (!isModelPart(part)) return { ...part, onnx: path.basename(part.onnx) };
    const own = models.get(part.model)?.manifest;
    return { model: `${own?.name}/${own?.version}` };
  };
  const options = {
    ...(depth && { depth: named(depth) }),
    ...(segmentation && { segmentation: named(segmentation) }),
  };
  const modelOf = (part: { readonly model: string }) => (models.get(part.model) as ModelFile).manifest; // all were read
  const onnxFiles = [...files.values()];
  const parents = [...models.values()].map(({ manifest }) => `${manifest.name}/${manifest.version}`);
  const methods = [...onnxFiles.map(({ model }) => model.producer || 'ONNX'), ...parents];
  return {
    ...{ name, version: 0, license, contract: GRAPH_CONTRACT },
    depth: depth !== undefined && isModelPart(depth) ? modelOf(depth).depth : manifestDepth(depth),
    ...confidenceOf(depth, models),
    classes:
      segmentation === undefined
        ? []
        : isModelPart(segmentation)
          ? modelOf(segmentation).classes
          : labelHeads(segmentation).classes.map(({ name: label, color, dynamic }) => ({
              name: label,
              color: [...color],
              dynamic,
            })),
    network: { architecture: 'onnx', options },
    provenance: {
      method: `imported (${methods.join(', ')})`,
      data: [
        ...onnxFiles.map(({ file, sha256 }) => `${path.basename(file)} (sha256 ${sha256})`),
        ...[...models.values()].map(
          ({ manifest, onnx }) => `${manifest.name}/${manifest.version} (sha256 ${onnx.sha256})`,
        ),
      ].join(', '),
      ...{ seed: 0, steps: 0, trainedSeconds: 0, command },
      ...{ createdAt: new Date().toISOString(), metrics: {} },
    },
  };
}

function confidenceOf(
  depth: ImportDescription['depth'],
  models: Sources['models'],
): Pick<Manifest, 'confidence'> {
  if (depth === undefined) return {};
  if (isModelPart(depth)) {
    const confidence = models.get(depth.model)?.manifest.confidence;
    return confidence === undefined ? {} : { confidence };
  }
  if (depth.confidence === undefined) return {};
  const { within } = depth.confidence;
  return { confidence: within === undefined ? {} : { within } };
}

/** The operator set of a graph that holds all of the networks: older ones are brought up to it. */
function commonOpset({ files, models }: Sources): number {
  const all = [...files.values(), ...[...models.values()].map(({ onnx }) => onnx)];
  const versions = all.map(({ file, model }) => {
    const version = model.opsets.get('');
    if (version !== undefined && version >= OLDEST_OPSET && version <= MAX_OPSET) return version;
    throw new TrainingError(
      `${file} uses version ${version ?? 'unknown'} of ONNX's operator set; expected \`${OLDEST_OPSET} to ${MAX_OPSET}\`.`,
      { file },
    );
  });
  return Math.max(LEAST_OPSET, ...versions);
}
