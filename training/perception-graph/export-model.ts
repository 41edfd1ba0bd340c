import type * as tf from '@tensorflow/tfjs';
import { CITYSCAPES_CLASSES } from '../../models/class-table.js';
import { disparityRange, GRAPH_CONTRACT, type Manifest, parseManifest } from '../../models/manifest.js';
import { GRAPH_FILE } from '../../models/model-store.js';
import { predictDisparity } from '../methods/supervised/supervised.js';
import type { PoseNetworkOptions } from '../networks/pose-network.js';
import { Scope } from '../networks/scope.js';
import { type SgdepthNetworkOptions, segmentationHead } from '../networks/sgdepth-network.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { ELEMENT_TYPES } from '../onnx/tensor-data.js';
import { traceDynamic } from '../tracer/trace-dynamic.js';
import { encodeParameters, type Parameters } from '../weights/parameters.js';
import type { TensorLocation } from '../weights/safetensors.js';
import { graphMetadata } from './perception-contract.js';
import { buildPerceptionGraph, type EmbeddedNetwork } from './perception-graph.js';
import { type ModelPlace, writeModel } from './write-model.js';

export const WEIGHTS_FILE = 'weights.safetensors';

/** What an exported model says of itself beside its files. */
export type ModelDescription = Omit<Manifest, 'contract' | 'classes' | 'network' | 'files'>;

export interface ExportOptions extends ModelPlace {
  /** Those that only training needs (the pose network's, the coarser disparities') are stored and not in the graph. */
  readonly parameters: Parameters;
  readonly network: SgdepthNetworkOptions;
  /** Of the pose network, where the parameters have one. */
  readonly pose?: PoseNetworkOptions;
  readonly description: ModelDescription;
  /** `F16` halves the file; the network computes in float32 all the same. */
  readonly precision: 'F32' | 'F16';
}

/** Writes a model folder: the perception graph, its weights and the manifest. The folder appears complete or not at all. */
export async function exportModel(options: ExportOptions): Promise<Manifest> {
  const { folder, overwrite, inputs, parameters, network, pose, description, precision } = options;
  const weights = encodeParameters(parameters, precision, { model: description.name });
  const draft = {
    ...description,
    contract: GRAPH_CONTRACT,
    classes: CITYSCAPES_CLASSES.slice(0, network.classes),
    network: { architecture: 'sgdepth', options: { ...network, ...(pose && { pose }) } },
  } as const;
  const withoutFiles = parseManifest({ ...draft, files: {} }, 'the model description');
  const inGraph = new Map([...parameters].filter(([name]) => !isForTraining(name, network)));
  const graph = buildPerceptionGraph(
    withoutFiles,
    embed(inGraph, network, withoutFiles, (g) =>
      externalWeights(g, new Map([...weights.locations].filter(([name]) => inGraph.has(name)))),
    ),
  ).toModel({ metadata: graphMetadata(withoutFiles) });
  const place = { folder, overwrite, ...(inputs && { inputs }) };
  return await writeModel(place, withoutFiles, { [GRAPH_FILE]: graph, [WEIGHTS_FILE]: weights.bytes });
}

/** Whether the perception graph does without a parameter. */
function isForTraining(name: string, { outputScale }: SgdepthNetworkOptions): boolean {
  if (name.startsWith('pose.') || name.startsWith('pose_encoder.')) return true;
  return name.startsWith('depth.dispconv_') && !name.startsWith(`depth.dispconv_${outputScale}.`);
}

/** A weight declared in the graph. */
interface StoredWeight {
  readonly value: string;
  readonly dtype: 'F32' | 'F16';
}

/** Declares the weights as external data. */
function externalWeights(
  g: GraphBuilder,
  locations: ReadonlyMap<string, TensorLocation>,
): Map<string, StoredWeight> {
  return new Map(
    [...locations].map(([name, { dtype, shape, offset, length }]) => {
      const element = dtype === 'F32' ? 'float32' : 'float16';
      const value = g.externalConstant(name, element, shape, { location: WEIGHTS_FILE, offset, length });
      return [name, { value, dtype }];
    }),
  );
}

/** Half-precision weights are widened by a Cast, which onnxruntime folds when it loads the graph. */
function widened(g: GraphBuilder, weight: StoredWeight | undefined): string {
  if (weight === undefined) return '';
  return weight.dtype === 'F32' ? weight.value : g.op('Cast', [weight.value], { to: ELEMENT_TYPES.float32 });
}

/** Sizes at which the networks are traced: two, so that a size that got into the graph is noticed. */
const TRACED_SHAPE = [1, 64, 96, 3] as const;
const OTHER_SHAPE = [1, 96, 160, 3] as const;

/** The SGDepth networks as pieces of a perception graph. */
function embed(
  parameters: Parameters,
  network: SgdepthNetworkOptions,
  manifest: Manifest,
  declare: (g: GraphBuilder) => Map<string, StoredWeight>,
): EmbeddedNetwork {
  const { minMeters, maxMeters } = disparityRange(manifest);
  let weights = new Map<string, StoredWeight>();
  let features: string[] = [];
  let featureShapes: number[][] = [];
  // Only what a graph uses is widened in it: a branch's own weights must not be made outside of it.
  const weightInputs = (g: GraphBuilder, used: (name: string) => boolean) =>
    Object.fromEntries(
      [...parameters]
        .filter(([name]) => used(name))
        .map(([name, { spec }]) => [
          `weight:${name}`,
          {
            value: widened(g, weights.get(name)),
            shape: [...spec.shape],
            dtype: 'float32' as const,
            layout: spec.shape.length === 4 ? ('OIHW' as const) : ('logical' as const),
          },
        ]),
    );
  return {
    logitScale: network.outputScale,
    disparity(g, image) {
      weights = declare(g);
      const outputs = traceDynamic(
        g,
        (inputs) => {
          const result = predictDisparity(scopeOf(inputs), inputs.image as tf.Tensor4D, {
            network,
            minMeters,
            maxMeters,
          });
          const encoded = Object.fromEntries(result.features.map((feature, i) => [`feature${i}`, feature]));
          return { disparity: result.disparity, ...encoded };
        },
        {
          image: { value: image, shape: TRACED_SHAPE, dtype: 'float32', layout: 'NCHW' },
          ...weightInputs(g, (name) => !name.startsWith('segmentation.')),
        },
        { image: OTHER_SHAPE },
      );
      features = [0, 1, 2, 3, 4].map((i) => outputs[`feature${i}`]?.value('NCHW') ?? '');
      featureShapes = [0, 1, 2, 3, 4].map((i) => [...(outputs[`feature${i}`]?.shape ?? [])]);
      const coarse = outputs.disparity?.value('NCHW') ?? '';
      const factor = 2 ** network.outputScale;
      const scales = g.constant([1, 1, factor, factor], 'float32', [4]);
      return factor === 1 ? coarse : g.op('Resize', [coarse, '', scales], { mode: 'linear' });
    },
    logits(g) {
      const inputs = Object.fromEntries(
        features.map((value, i) => [
          `feature${i}`,
          { value, shape: featureShapes[i] ?? [], dtype: 'float32' as const, layout: 'NCHW' as const },
        ]),
      );
      const others = Object.fromEntries(
        featureShapes.map(([batch = 1, , , channels = 0], i) => {
          const [, height, width] = OTHER_SHAPE;
          return [`feature${i}`, [batch, height / 2 ** (i + 1), width / 2 ** (i + 1), channels]];
        }),
      );
      const outputs = traceDynamic(
        g,
        (given) => {
          const feature = (i: number) => given[`feature${i}`] as tf.Tensor4D;
          const encoded = [feature(0), feature(1), feature(2), feature(3), feature(4)] as const;
          return { logits: segmentationHead(scopeOf(given), encoded, network) };
        },
        { ...inputs, ...weightInputs(g, (name) => name.startsWith('segmentation.')) },
        others,
      );
      return outputs.logits?.value('NCHW') ?? '';
    },
  };
}

function scopeOf(inputs: Readonly<Record<string, tf.Tensor>>): Scope {
  const weights = Object.entries(inputs).filter(([name]) => name.startsWith('weight:'));
  return Scope.over(Object.fromEntries(weights.map(([name, value]) => [name.slice(7), value])), false);
}
