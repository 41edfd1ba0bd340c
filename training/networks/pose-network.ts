import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import type { EncoderWidths } from './encoder-features.js';
import { conv2d } from './layers.js';
import { RESNET18_WIDTHS, resnetEncoder } from './resnet-encoder.js';
import type { Scope } from './scope.js';

export interface PoseNetworkOptions {
  readonly encoder: EncoderWidths;
  /** Channels of the decoder's convolutions. */
  readonly channels: number;
  /**
   * What the translation is multiplied by, default 0.01 as the rotation. The larger, the faster it is learned: Adam changes
   * weights by about the learning rate, whatever they are multiplied by. Cars turn little between two frames. While a short
   * training still learns which way they drive, turns that explain half of a picture would only mislead it. An untrained
   * network's motion is no larger, since the last convolution's starting weights shrink as this grows.
   */
  readonly translationScale?: number;
  /** What the rotation is multiplied by, default 0.01; at most `translationScale`. */
  readonly rotationScale?: number;
}

/** The motion as the last convolution gives it. Source: the authors' public repository ifnspaml/SGDepth (facts). */
export const UNSCALED_POSE = { translationScale: 1, rotationScale: 1 } as const;

/** The paper's: ResNet-18 and 256 channels. Source: SGDepth, section 4 (after Godard et al. 2019). */
export const PAPER_POSE_NETWORK: PoseNetworkOptions = { encoder: RESNET18_WIDTHS, channels: 256 };

/** Thirty times as fast as rotation. */
export const FAST_TRANSLATION = 0.3;

/** A quarter of the paper's widths, for CPUs; for trainings of thousands instead of ten thousands of steps. */
export const COMPACT_POSE_NETWORK: PoseNetworkOptions = {
  encoder: [16, 16, 32, 64, 128],
  channels: 64,
  translationScale: FAST_TRANSLATION,
};

/** Keeps an untrained network's motion small. Source: Godard et al. 2019. */
const PAPER_SCALE = 0.01;

/**
 * The camera's motion between two frames: an encoder of its own for both images at once, then convolutions and the mean
 * over all positions.
 *
 * @param earlier, later normalised images [B, H, W, 3] in temporal order, H and W multiples of 32.
 * @returns [B, 6]: rotation vector and translation of `laterFromEarlier`, for `poseFromVector`. The translation's unit
 *   is that of the depth it is trained with.
 * Source: SGDepth, section 4 (architecture of Godard et al. 2019).
 */
export function poseNetwork(
  scope: Scope,
  earlier: tf.Tensor4D,
  later: tf.Tensor4D,
  options: PoseNetworkOptions,
): tf.Tensor2D {
  assertShape(later, ['B', 'H', 'W', 3], 'later', assertShape(earlier, ['B', 'H', 'W', 3], 'earlier'));
  const [, , , , deepest] = resnetEncoder(
    scope.child('pose_encoder'),
    tf.concat([earlier, later], 3),
    options.encoder,
  );
  const decoder = scope.child('pose');
  const { translationScale = PAPER_SCALE, rotationScale = PAPER_SCALE } = options;
  const convolution = (name: string, x: tf.Tensor4D, filters: number, kernel: number, gain = 1) =>
    conv2d(decoder.child(name), x, { filters, kernel, bias: true, gain });
  const squeezed = tf.relu(convolution('squeeze', deepest, options.channels, 1));
  const first = tf.relu(convolution('conv_0', squeezed, options.channels, 3));
  const second = tf.relu(convolution('conv_1', first, options.channels, 3));
  const motion = convolution('conv_2', second, 6, 1, PAPER_SCALE / translationScale);
  const mean = motion.mean<tf.Tensor2D>([1, 2]);
  const scale = [
    rotationScale,
    rotationScale,
    rotationScale,
    translationScale,
    translationScale,
    translationScale,
  ];
  return mean.mul(tf.tensor1d(scale));
}
