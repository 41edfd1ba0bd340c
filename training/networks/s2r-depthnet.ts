import * as tf from '@tensorflow/tfjs';
import { upsampleNearest } from '../ops/upsample-nearest.js';
import { type AttentionModuleOptions, attentionModule, PAPER_ATTENTION } from './attention-module.js';
import { type DepthPredictorOptions, depthPredictor, PAPER_DEPTH_PREDICTOR } from './depth-predictor.js';
import { type MapDecoderOptions, mapDecoder, PAPER_STRUCTURE_DECODER } from './map-decoder.js';
import type { PerceptionNetwork } from './perception-network.js';
import type { Scope } from './scope.js';
import { encode, type SgdepthNetworkOptions, segmentationHead } from './sgdepth-network.js';
import { sobelEdges } from './sobel-edges.js';
import {
  PAPER_STRUCTURE_ENCODER,
  type StructureEncoderOptions,
  structureEncoder,
} from './structure-encoder.js';

/** What depth is predicted from. Source: S2R-DepthNet, table 5. */
export interface S2rDepthnetOptions {
  /** The structure map M_s, the picture itself, its Sobel edges, or a map of classes. */
  readonly input: 'structure' | 'picture' | 'edges' | 'labels';
  /** How the attention map M_a joins M_s: eq. 2 (`product`), or the paper's other ways. */
  readonly attention: 'none' | 'product' | 'sum' | 'concatenation';
  readonly structureEncoder: StructureEncoderOptions;
  readonly structureDecoder: MapDecoderOptions;
  readonly attentionModule: AttentionModuleOptions;
  readonly depthPredictor: DepthPredictorOptions;
  /** What says the classes where depth is predicted from them. */
  readonly segmenter: SgdepthNetworkOptions;
  /** What an output of 1 means, metres; one of -1 is 0 m. Source: S2R-DepthNet's code: 80 outdoors. */
  readonly maxMeters: number;
}

/** Networks of the paper. */
export const PAPER_S2R_NETWORKS = {
  structureEncoder: PAPER_STRUCTURE_ENCODER,
  structureDecoder: PAPER_STRUCTURE_DECODER,
  attentionModule: PAPER_ATTENTION,
  depthPredictor: PAPER_DEPTH_PREDICTOR,
} as const;

/** Names of the networks, which those of their parameters begin with. */
export const STRUCTURE_ENCODER = 'structure_encoder';
export const STRUCTURE_DECODER = 'structure_decoder';
export const ATTENTION = 'attention';
export const DEPTH = 'depth';
export const SEGMENTER = 'segmenter';

/** Pictures are normalised to -1..1. */
export const S2R_NORMALIZATION = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** What the depth predictor sees of a picture, and what that was made of. */
export interface DepthEvidence {
  /** [B, H, W, C]. */
  readonly evidence: tf.Tensor4D;
  /** M_s [B, H, W, 1], before the attention. */
  readonly structure?: tf.Tensor4D;
  /** M_a [B, H, W, 1]. */
  readonly attention?: tf.Tensor4D;
}

/**
 * @param image [B, H, W, 3] in -1..1, H and W multiples of 32.
 * @param attends whether the attention is asked; else it is 1 everywhere (0 where it is added): step 2.
 * @param labels classes that are known, [B, H, W] int32; else they are predicted where they are the evidence.
 * Source: S2R-DepthNet, eq. 2 and table 5.
 */
export function depthEvidence(
  scope: Scope,
  image: tf.Tensor4D,
  options: S2rDepthnetOptions,
  { attends, labels }: { readonly attends: boolean; readonly labels?: tf.Tensor3D },
): DepthEvidence {
  if (options.input === 'picture') return { evidence: image };
  if (options.input === 'edges') return { evidence: sobelEdges(image) };
  if (options.input === 'labels') {
    const classes = labels ?? predictedLabels(scope, image, options.segmenter);
    return { evidence: tf.oneHot(classes, options.segmenter.classes).toFloat() as tf.Tensor4D }; // one axis more
  }
  const features = structureEncoder(scope.child(STRUCTURE_ENCODER), image, options.structureEncoder);
  const structure = mapDecoder(scope.child(STRUCTURE_DECODER), features, options.structureDecoder);
  const attention =
    attends && options.attention !== 'none'
      ? attentionModule(scope.child(ATTENTION), image, options.attentionModule)
      : undefined;
  return {
    evidence: joined(structure, attention, options.attention),
    structure,
    ...(attention && { attention }),
  };
}

/** M_sa. Source: S2R-DepthNet, eq. 2 and section 4.3. */
function joined(
  structure: tf.Tensor4D,
  attention: tf.Tensor4D | undefined,
  how: S2rDepthnetOptions['attention'],
): tf.Tensor4D {
  if (how === 'concatenation')
    return tf.concat([structure, attention ?? structure.mul<tf.Tensor4D>(0).add<tf.Tensor4D>(1)], 3);
  if (attention === undefined) return structure;
  return how === 'sum' ? structure.add(attention) : structure.mul(attention);
}

/** The likeliest classes at the picture's resolution, [B, H, W] int32. */
function predictedLabels(scope: Scope, image: tf.Tensor4D, network: SgdepthNetworkOptions): tf.Tensor3D {
  const labels = tf.argMax(segmentationLogits(scope, image, network), 3).toFloat();
  const factor = 2 ** network.outputScale;
  const full =
    factor === 1 ? labels : upsampleNearest(labels.expandDims<tf.Tensor4D>(3), factor).squeeze([3]);
  return full.toInt() as tf.Tensor3D; // keeps the rank
}

/** Class logits [B, H / 2^s, W / 2^s, classes] of the network that says the classes. */
export function segmentationLogits(
  scope: Scope,
  image: tf.Tensor4D,
  network: SgdepthNetworkOptions,
): tf.Tensor4D {
  const own = scope.child(SEGMENTER);
  return segmentationHead(own, encode(own, image, network), network);
}

/** Depth of every scale, coarse to fine, each -1 (here) to 1 (`maxMeters` or farther). */
export function normalizedDepths(scope: Scope, evidence: tf.Tensor4D, options: S2rDepthnetOptions) {
  return depthPredictor(scope.child(DEPTH), evidence, options.depthPredictor);
}

/** Depth of -1..1 in metres. */
export function metersOf(normalized: tf.Tensor4D, { maxMeters }: S2rDepthnetOptions): tf.Tensor4D {
  return normalized.add<tf.Tensor4D>(1).mul(maxMeters / 2);
}

/** Computes what depth is predicted with once, for a small image: borders matter to pictures, not to parameters. */
export function s2rParameters(
  scope: Scope,
  image: tf.Tensor4D,
  options: S2rDepthnetOptions,
  attends: boolean,
): void {
  const declared = { ...options, depthPredictor: { ...options.depthPredictor, border: 'zero' as const } };
  normalizedDepths(scope, depthEvidence(scope, image, declared, { attends }).evidence, declared);
}

/** For a perception graph, whose depth is of kind `depth`. @param attends whether step 3 has made the attention. */
export function s2rPerception(options: S2rDepthnetOptions, attends = true): PerceptionNetwork {
  const { border, dilations } = options.depthPredictor;
  return {
    architecture: 's2r-depthnet',
    options: { ...options, attends },
    classes: 0,
    // Reflection at 1/16 of the resolution.
    ...(border === 'reflection' && { leastSize: 32 * Math.ceil(((Math.max(...dilations) + 1) * 16) / 32) }),
    encode: (scope, image) => ({ evidence: depthEvidence(scope, image, options, { attends }).evidence }),
    depth: {
      scale: 0,
      compute: (scope, { evidence }) => {
        const [, , , finest] = normalizedDepths(scope, evidence as tf.Tensor4D, options); // as encoded
        return metersOf(finest, options);
      },
    },
  };
}
