import * as tf from '@tensorflow/tfjs';
import { upsampleBilinear } from '../geometry/upsample-bilinear.js';
import { atrousPyramid } from './atrous-pyramid.js';
import { type DepthBlockOptions, depthBlock, fuseDepth } from './depth-block.js';
import { dilatedResnet101 } from './dilated-resnet.js';
import { type EfficientnetKind, efficientnetEncoder } from './efficientnet-encoder.js';
import type { EncoderFeatures, EncoderWidths } from './encoder-features.js';
import { conv2d } from './layers.js';
import { resnetEncoder } from './resnet-encoder.js';
import type { Initializer, Scope } from './scope.js';

/** What gives features of an eighth of the image's resolution. */
export type DadaTrunk =
  /** DeepLab-v2's: strides where torchvision's weights have them (`3x3`) or DeepLab's own (`1x1`). */
  | { readonly kind: 'resnet101'; readonly strideIn: '1x1' | '3x3'; readonly widths?: EncoderWidths }
  /** An encoder of the product, whose features of 1/8, 1/16 and 1/32 are joined: for CPUs. */
  | { readonly kind: EfficientnetKind; readonly channels: number }
  | { readonly kind: 'resnet18'; readonly widths: EncoderWidths; readonly channels: number };

/** DeepLab-v2 with DADA's depth block. */
export interface DadaNetworkOptions {
  readonly trunk: DadaTrunk;
  /** Dilations of the classifier. */
  readonly rates: readonly number[];
  readonly classes: number;
  /** Whether depth is regressed; whether it is multiplied into the features, too. */
  readonly depth: boolean;
  readonly featureFusion: boolean;
  /** What the network gives for 1 / depth in 1/m. */
  readonly depthScale: number;
  readonly fusionBias?: number;
  /** What the depth block starts from; as the authors' where left out, which takes thousands of steps to give any depth. */
  readonly depthInitializer?: Initializer;
  /** Outputs have 1 / 2^s of the image's resolution. */
  readonly outputScale: 0 | 1 | 2;
}

const isDeepLab = ({ trunk }: DadaNetworkOptions) => trunk.kind === 'resnet101';
const TRUNK_SCALE = 3;

/** What heads are computed from, [B, h, w, C]: h = H / 8, one more row and column in DeepLab's. */
export interface DadaFeatures {
  readonly features: tf.Tensor4D;
  /** What the depth block made of them. */
  readonly encoded?: tf.Tensor4D;
  readonly depth?: tf.Tensor4D;
}

/**
 * Trunk and depth block. Batch normalisation keeps its statistics: batches are of one image.
 * @param image normalised, [B, H, W, 3], multiples of 32 (DeepLab's: of 8).
 * Source: DADA, section 3.1 and figure 2.
 */
export function dadaFeatures(scope: Scope, image: tf.Tensor4D, options: DadaNetworkOptions): DadaFeatures {
  const features = trunkFeatures(scope, image, options.trunk);
  return options.depth
    ? { features, ...depthBlock(scope.child('depth'), features, blockOptions(options)) }
    : { features };
}

function blockOptions({ fusionBias, depthInitializer: initializer }: DadaNetworkOptions): DepthBlockOptions {
  return { ...(fusionBias !== undefined && { fusionBias }), ...(initializer && { initializer }) };
}

function trunkFeatures(scope: Scope, image: tf.Tensor4D, trunk: DadaTrunk): tf.Tensor4D {
  const encoder = scope.child('encoder').withFixedStatistics();
  if (trunk.kind === 'resnet101')
    return dilatedResnet101(encoder, image, {
      strideIn: trunk.strideIn,
      ...(trunk.widths && { widths: trunk.widths }),
    });
  const encoded =
    trunk.kind === 'resnet18'
      ? resnetEncoder(encoder, image, trunk.widths)
      : efficientnetEncoder(encoder, image, trunk.kind);
  return joined(scope.child('neck'), encoded, trunk.channels);
}

/** 1/8, 1/16 and 1/32 by 1x1 convolutions to one number of channels, upsampled and added. */
function joined(
  scope: Scope,
  [, , eighth, sixteenth, thirtySecond]: EncoderFeatures,
  filters: number,
): tf.Tensor4D {
  const lateral = (name: string, x: tf.Tensor4D) =>
    conv2d(scope.child(name), x, { filters, kernel: 1, bias: true });
  const fine = lateral('lateral_3', eighth);
  const middle = upsampleBilinear(lateral('lateral_4', sixteenth), 2);
  const coarse = upsampleBilinear(lateral('lateral_5', thirtySecond), 4);
  return tf.relu(fine.add<tf.Tensor4D>(middle).add<tf.Tensor4D>(coarse));
}

/** Class logits [B, h, w, classes] as the classifier gives them. Source: DADA, section 3.1: after the fusion. */
export function dadaLogits(
  scope: Scope,
  { features, encoded }: DadaFeatures,
  options: DadaNetworkOptions,
): tf.Tensor4D {
  const { classes, rates, featureFusion } = options;
  const seen =
    featureFusion && encoded !== undefined
      ? fuseDepth(scope.child('depth'), features, encoded, blockOptions(options))
      : features;
  return atrousPyramid(scope.child('segmentation'), seen, { filters: classes, rates });
}

/**
 * A map of the trunk's resolution at 1 / 2^outputScale of the image's, bilinear. DeepLab's places lie on every eighth pixel
 * from the first on, with one beyond the last; the others' in the middle of eight pixels.
 */
export function dadaUpsampled(x: tf.Tensor4D, options: DadaNetworkOptions): tf.Tensor4D {
  const factor = 2 ** (TRUNK_SCALE - options.outputScale);
  if (!isDeepLab(options)) return upsampleBilinear(x, factor);
  const [batch, rows, columns, channels] = x.shape;
  const larger = upsampleBilinear(x, factor, { halfPixels: false });
  return tf.slice4d(larger, [0, 0, 0, 0], [batch, (rows - 1) * factor, (columns - 1) * factor, channels]);
}

/** Logits and, where the network has it, scaled inverse depth, at the output's resolution. */
export function dadaOutputs(
  scope: Scope,
  image: tf.Tensor4D,
  options: DadaNetworkOptions,
): { logits: tf.Tensor4D; depth?: tf.Tensor4D } {
  const features = dadaFeatures(scope, image, options);
  const logits = dadaUpsampled(dadaLogits(scope, features, options), options);
  return features.depth === undefined
    ? { logits }
    : { logits, depth: dadaUpsampled(features.depth, options) };
}
