import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../assert-shape.js';
import { conv2d } from './layers.js';
import { type EncoderWidths, RESNET18_WIDTHS, resnetEncoder } from './resnet-encoder.js';
import type { Scope } from './scope.js';

export interface PoseNetworkOptions {
  readonly encoder: EncoderWidths;
  /** Channels of the decoder's convolutions. */
  readonly channels: number;
}

/** The paper's: ResNet-18 and 256 channels. Source: SGDepth, section 4 (after Godard et al. 2019). */
export const PAPER_POSE_NETWORK: PoseNetworkOptions = { encoder: RESNET18_WIDTHS, channels: 256 };

/** A quarter of the paper's widths, for CPUs. */
export const COMPACT_POSE_NETWORK: PoseNetworkOptions = { encoder: [16, 16, 32, 64, 128], channels: 64 };

/** Keeps an untrained network's motion small. Source: Godard et al. 2019. */
const SCALE = 0.01;

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
  const convolution = (name: string, x: tf.Tensor4D, filters: number, kernel: number) =>
    conv2d(decoder.child(name), x, { filters, kernel, bias: true });
  const squeezed = tf.relu(convolution('squeeze', deepest, options.channels, 1));
  const first = tf.relu(convolution('conv_0', squeezed, options.channels, 3));
  const second = tf.relu(convolution('conv_1', first, options.channels, 3));
  return convolution('conv_2', second, 6, 1).mean<tf.Tensor2D>([1, 2]).mul(SCALE);
}
