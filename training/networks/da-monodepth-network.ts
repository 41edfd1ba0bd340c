import type * as tf from '@tensorflow/tfjs';
import { averageGradients } from '../ops/average-gradients.js';
import { bilinearUpBlock } from './bilinear-up-block.js';
import { efficientnetWidths } from './efficientnet-encoder.js';
import type { EncoderFeatures } from './encoder-features.js';
import { latentClassifier } from './latent-classifier.js';
import { conv2d } from './layers.js';
import { RESNET18_WIDTHS } from './resnet-encoder.js';
import type { Scope } from './scope.js';
import { encode, type SgdepthNetworkOptions } from './sgdepth-network.js';
import type { DecoderOptions } from './unet-decoder.js';

/** Shared encoder, depth decoder, semantic decoder, domain classifier. Source: DA-Monodepth, figure 3 and section 4.1. */
export interface DaMonodepthNetworkOptions extends Pick<SgdepthNetworkOptions, 'encoder' | 'encoderDepth'> {
  /** Channels of the five blocks, coarse (1/16) to fine (1/1); the first block is shared by both decoders. */
  readonly decoder: DecoderOptions;
  /** 0: depth alone; there is no semantic decoder to ask for. */
  readonly classes: number;
}

/**
 * The paper's: ResNet-18, "we reverse the CNN channel order of ResNet-18 for our depth and semantic decoder". Activation and
 * padding are those of Monodepth2, which its decoders follow.
 */
export const PAPER_DA_MONODEPTH: DaMonodepthNetworkOptions = {
  encoder: RESNET18_WIDTHS,
  decoder: { channels: [512, 256, 128, 64, 64], activation: 'elu', padding: 'reflection' },
  classes: 19,
};

/** Half the encoder's width and a narrow decoder with ReLU and zero padding: for CPUs. */
export const COMPACT_DA_MONODEPTH: DaMonodepthNetworkOptions = {
  encoder: [32, 32, 64, 128, 224],
  decoder: { channels: [96, 64, 48, 32, 16], activation: 'relu', padding: 'zero' },
  classes: 19,
};

/** Half of that again: for many runs on a CPU, such as the ablation. */
export const NARROW_DA_MONODEPTH: DaMonodepthNetworkOptions = {
  encoder: [16, 16, 32, 64, 96],
  decoder: { channels: [48, 32, 24, 16, 16], activation: 'relu', padding: 'zero' },
  classes: 19,
};

/** The compact decoder on an EfficientNet-Lite0, whose weights from ImageNet `--init-encoder` gives. */
export const EFFICIENT_DA_MONODEPTH: DaMonodepthNetworkOptions = {
  ...COMPACT_DA_MONODEPTH,
  encoder: efficientnetWidths('efficientnet-lite0'),
  encoderDepth: 'efficientnet-lite0',
};

/** Outputs have 1/8, 1/4, 1/2 and 1/1 of the input's resolution. Source: section 3.3.2. */
const SCALES = [3, 2, 1, 0] as const;

/** The encoder's features and what the block that both decoders share makes of them. */
export interface DaMonodepthFeatures {
  readonly encoded: EncoderFeatures;
  /** [B, H / 16, W / 16, C]. */
  readonly shared: tf.Tensor4D;
}

/** Features of a normalised image [B, H, W, 3], H and W multiples of 32. */
export function encodeDaMonodepth(
  scope: Scope,
  image: tf.Tensor4D,
  options: DaMonodepthNetworkOptions,
): EncoderFeatures {
  return encode(scope, image, options);
}

/**
 * The first block of both decoders.
 * @param branches that use it: its parameters get the mean of their gradients, the encoder gets the sum.
 * Source: section 4.1, "we average the summed gradient of two branches first".
 */
export function sharedBlock(
  scope: Scope,
  encoded: EncoderFeatures,
  { decoder }: DaMonodepthNetworkOptions,
  branches: number,
): DaMonodepthFeatures {
  const shared = averageGradients([encoded[4], encoded[3]], branches, ([deep, skip]) =>
    bilinearUpBlock(scope.child('shared'), deep, { ...decoder, filters: decoder.channels[0] }, skip),
  );
  return { encoded, shared };
}

/**
 * Logits of the inverse depth: sigma = sigmoid(logit), 1 / depth = a sigma + b.
 * @returns [B, H / 2^s, W / 2^s, 1] for s = 0, 1, 2, 3; only the first where `scales` is 1.
 */
export function depthDecoder(
  scope: Scope,
  features: DaMonodepthFeatures,
  options: DaMonodepthNetworkOptions,
  scales: 1 | 4 = 4,
): tf.Tensor4D[] {
  return branch(scope.child('depth'), features, options, 1, scales);
}

/** Class logits [B, H / 2^s, W / 2^s, classes] for s = 0, 1, 2, 3; only the first where `scales` is 1. */
export function semanticDecoder(
  scope: Scope,
  features: DaMonodepthFeatures,
  options: DaMonodepthNetworkOptions,
  scales: 1 | 4 = 4,
): tf.Tensor4D[] {
  return branch(scope.child('segmentation'), features, options, options.classes, scales);
}

/** Logits of the domain, [B, H / 32, W / 32, 1]; above 0: the source. */
export function domainLogits(scope: Scope, bottleneck: tf.Tensor4D): tf.Tensor4D {
  return latentClassifier(scope.child('domain'), bottleneck);
}

function branch(
  scope: Scope,
  { encoded, shared }: DaMonodepthFeatures,
  { decoder }: DaMonodepthNetworkOptions,
  filters: number,
  scales: number,
): tf.Tensor4D[] {
  let x = shared;
  const outputs: tf.Tensor4D[] = [];
  for (const scale of SCALES) {
    const channels = decoder.channels[4 - scale] ?? 0;
    const skip = scale === 0 ? undefined : encoded[scale - 1];
    x = bilinearUpBlock(scope.child(`block_${scale}`), x, { ...decoder, filters: channels }, skip);
    if (scale >= scales) continue;
    const head = { filters, kernel: 3, bias: true, padding: decoder.padding } as const;
    outputs.unshift(conv2d(scope.child(`head_${scale}`), x, head));
  }
  return outputs;
}
