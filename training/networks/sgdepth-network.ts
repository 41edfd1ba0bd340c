import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { scaleGradient } from '../ops/scale-gradient.js';
import { type ConfidenceOptions, confidenceHead } from './confidence-head.js';
import {
  type EfficientnetKind,
  efficientnetEncoder,
  efficientnetWidths,
  isEfficientnet,
} from './efficientnet-encoder.js';
import type { EncoderFeatures, EncoderWidths } from './encoder-features.js';
import { conv2d } from './layers.js';
import { RESNET18_WIDTHS, type ResnetKind, resnetEncoder } from './resnet-encoder.js';
import type { Scope } from './scope.js';
import { type DecoderOptions, firstConvolution, SGDEPTH_DECODER, unetDecoder } from './unet-decoder.js';

export type EncoderKind = ResnetKind | EfficientnetKind;

/** Shared encoder, depth decoder and segmentation decoder. Source: SGDepth, figure 2 and section 4. */
export interface SgdepthNetworkOptions {
  /** Those of an EfficientNet follow from its kind. */
  readonly encoder: EncoderWidths;
  /** Kind of the encoder, `resnet18` by default. */
  readonly encoderDepth?: EncoderKind;
  readonly decoder: DecoderOptions;
  /** Decoder of the segmentation, if it differs from the depth's. */
  readonly segmentationDecoder?: DecoderOptions;
  /** The finest disparities and the class logits have 1 / 2^s of the input's resolution. The paper's are full size (0). */
  readonly outputScale: 0 | 1 | 2;
  /** Starting bias of the disparity logits: decides the depth that an untrained network gives everywhere. */
  readonly disparityBias: number;
  /**
   * The decoders' first convolution is one for both, under `shared`, and gradients are scaled behind it; needs decoders that
   * begin alike. Source: the authors' public repository ifnspaml/SGDepth (facts); the paper has decoders of their own.
   */
  readonly sharedFirstConvolution?: boolean;
  /** 0: depth alone; there is no segmentation head to ask for. */
  readonly classes: number;
  /** A head that says how far the depth may be trusted; the paper has none. */
  readonly confidence?: ConfidenceOptions;
  /** lambda of eq. 6: share of the segmentation's gradient that reaches the encoder; `undefined` adds both unscaled. */
  readonly segmentationGradient?: number;
}

/** The paper's network: ResNet-18, full-size heads, lambda = 0.1. */
export const PAPER_NETWORK: SgdepthNetworkOptions = {
  encoder: RESNET18_WIDTHS,
  decoder: SGDEPTH_DECODER,
  outputScale: 0,
  disparityBias: 0,
  classes: 19,
  segmentationGradient: 0.1,
};

/** Half the width, ReLU and zero padding (both cheaper in onnxruntime), both heads at half resolution: for CPUs. */
export const COMPACT_NETWORK: SgdepthNetworkOptions = {
  encoder: [32, 32, 64, 128, 224],
  decoder: { channels: [96, 64, 48, 32, 16], activation: 'relu', padding: 'zero' },
  outputScale: 1,
  disparityBias: -5,
  classes: 19,
};

/** Half of that again: for many runs on a CPU. */
export const NARROW_NETWORK: SgdepthNetworkOptions = {
  ...COMPACT_NETWORK,
  encoder: [16, 16, 32, 64, 96],
  decoder: { channels: [48, 32, 24, 16, 16], activation: 'relu', padding: 'zero' },
};

/** An EfficientNet-Lite from ImageNet, and decoders that cost no more than it does: for CPUs. */
export function efficientNetwork(kind: EfficientnetKind): SgdepthNetworkOptions {
  return {
    ...COMPACT_NETWORK,
    encoder: efficientnetWidths(kind),
    encoderDepth: kind,
    decoder: { channels: [128, 80, 48, 16, 16], activation: 'relu', padding: 'zero' },
    segmentationDecoder: { channels: [64, 48, 32, 16, 16], activation: 'relu', padding: 'zero' },
  };
}

/**
 * What both heads start from, for a normalised image [B, H, W, 3], H and W multiples of 32. They are features of the encoder,
 * the deepest ones behind the decoders' first convolution where that is shared.
 */
export function encode(
  scope: Scope,
  image: tf.Tensor4D,
  options: Pick<SgdepthNetworkOptions, 'encoder' | 'encoderDepth'> & Partial<SgdepthNetworkOptions>,
): EncoderFeatures {
  const { encoder, encoderDepth } = options;
  const features = isEfficientnet(encoderDepth)
    ? efficientnetEncoder(scope.child('encoder'), image, encoderDepth)
    : resnetEncoder(scope.child('encoder'), image, encoder, encoderDepth);
  const { decoder, segmentationDecoder = decoder } = options;
  if (options.sharedFirstConvolution !== true || decoder === undefined) return features;
  if (segmentationDecoder?.channels[0] !== decoder.channels[0]) {
    throw new TrainingError(
      `a shared first convolution needs decoders that begin with as many channels, got ${decoder.channels[0]} and ${segmentationDecoder?.channels[0]}`,
    );
  }
  const [a, b, c, d, deepest] = features;
  return [a, b, c, d, firstConvolution(scope.child('shared'), deepest, decoder)];
}

/** Features of the depth decoder by scale: `decoded[s]` has 1 / 2^s of the input's resolution, s = outputScale..4. */
export type DecodedDepth = readonly (tf.Tensor4D | undefined)[];

/** The depth decoder behind the shared encoder. The gradient to the encoder is scaled by 1 - `segmentationGradient`. */
export function decodeDepth(
  scope: Scope,
  features: EncoderFeatures,
  options: SgdepthNetworkOptions,
): DecodedDepth {
  const shared = scaled(features, 1 - (options.segmentationGradient ?? 0));
  return unetDecoder(scope.child('depth'), shared, options.decoder, {
    finestScale: options.outputScale,
    isBegun: options.sharedFirstConvolution === true,
  });
}

/** Logits of the disparity from what `decodeDepth` gives, as of {@link depthHead}. */
export function depthLogits(
  scope: Scope,
  decoded: DecodedDepth,
  { outputScale, disparityBias, decoder }: SgdepthNetworkOptions,
  scales = 1,
): tf.Tensor4D[] {
  return decoded.slice(outputScale, outputScale + scales).map((x, index) => {
    const scale = outputScale + index;
    if (x === undefined) throw new RangeError(`the decoder has no scale ${scale}`);
    return conv2d(scope.child('depth').child(`dispconv_${scale}`), x, {
      filters: 1,
      kernel: 3,
      bias: true,
      initialBias: disparityBias,
      padding: decoder.padding,
    });
  });
}

/**
 * Logits of the disparity: sigma = sigmoid(logit), depth = 1 / (a sigma + b).
 * @returns [B, h, w, 1], finest first: 1 / 2^s of the input's resolution for s = outputScale, outputScale + 1, ...
 */
export function depthHead(
  scope: Scope,
  features: EncoderFeatures,
  options: SgdepthNetworkOptions,
  scales = 1,
): tf.Tensor4D[] {
  return depthLogits(scope, decodeDepth(scope, features, options), options, scales);
}

/** Logits of the confidence, as of {@link confidenceHead}. @throws RangeError where the network has no such head. */
export function confidenceLogits(
  scope: Scope,
  features: EncoderFeatures,
  decoded: DecodedDepth,
  { confidence, outputScale, decoder }: SgdepthNetworkOptions,
): tf.Tensor4D {
  if (confidence === undefined) throw new RangeError('the network has no confidence head');
  const inputs = { deepest: features[4], decoded, finestScale: outputScale };
  return confidenceHead(scope.child('confidence'), inputs, confidence, decoder.padding);
}

/** Class logits [B, H / 2^s, W / 2^s, classes] with s = options.outputScale. */
export function segmentationHead(
  scope: Scope,
  features: EncoderFeatures,
  options: SgdepthNetworkOptions,
): tf.Tensor4D {
  const shared = scaled(features, options.segmentationGradient ?? 1);
  const decoder = options.segmentationDecoder ?? options.decoder;
  const decoded = unetDecoder(scope.child('segmentation'), shared, decoder, {
    finestScale: options.outputScale,
    isBegun: options.sharedFirstConvolution === true,
  });
  const finest = decoded[options.outputScale];
  if (finest === undefined) throw new RangeError(`the decoder has no scale ${options.outputScale}`);
  return conv2d(scope.child('segmentation').child('logits'), finest, {
    filters: options.classes,
    kernel: 3,
    bias: true,
    padding: decoder.padding,
  });
}

/** Gradient scaling at every connection between the encoder and a decoder, skips included. Source: SGDepth, eq. 6. */
function scaled(features: EncoderFeatures, factor: number): EncoderFeatures {
  if (factor === 1) return features;
  const scale = (x: tf.Tensor4D) => scaleGradient(x, factor);
  const [a, b, c, d, e] = features;
  return [scale(a), scale(b), scale(c), scale(d), scale(e)];
}

/** depth = 1 / (a sigma + b) with sigma = sigmoid(logit), in [minMeters, maxMeters]. Source: SGDepth, section 4. */
export function disparityFromLogits(logits: tf.Tensor4D, minMeters: number, maxMeters: number): tf.Tensor4D {
  const b = 1 / maxMeters;
  return tf
    .sigmoid(logits)
    .mul(1 / minMeters - b)
    .add(b);
}

/**
 * Depth part of the network.
 * @param image [B, H, W, 3], normalised.
 * @returns `disparity` [B, H / 2^s, W / 2^s, 1] in 1/m at the canonical focal length, s the network's `outputScale`.
 * `confidence` logits of the same shape where the network has that head.
 */
export function predictDisparity(
  scope: Scope,
  image: tf.Tensor4D,
  options: {
    readonly network: SgdepthNetworkOptions;
    readonly minMeters: number;
    readonly maxMeters: number;
  },
): { disparity: tf.Tensor4D; confidence?: tf.Tensor4D; features: EncoderFeatures } {
  const { network, minMeters, maxMeters } = options;
  const features = encode(scope, image, network);
  const decoded = decodeDepth(scope, features, network);
  const [logits] = depthLogits(scope, decoded, network);
  if (logits === undefined) throw new RangeError('the depth head has no output');
  return {
    ...{ disparity: disparityFromLogits(logits, minMeters, maxMeters), features },
    ...(network.confidence && { confidence: confidenceLogits(scope, features, decoded, network) }),
  };
}

/** Computes encoder and all heads once, so that the scope meets every parameter. */
export function declareNetworks(scope: Scope, image: tf.Tensor4D, network: SgdepthNetworkOptions): void {
  const features = encode(scope, image, network);
  const decoded = decodeDepth(scope, features, network);
  depthLogits(scope, decoded, network);
  segmentationHead(scope, features, network);
  if (network.confidence) confidenceLogits(scope, features, decoded, network);
}
