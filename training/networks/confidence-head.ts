import * as tf from '@tensorflow/tfjs';
import { stopGradient } from '../ops/stop-gradient.js';
import { conv2d, upsample2 } from './layers.js';
import type { Scope } from './scope.js';
import type { DecoderOptions } from './unet-decoder.js';

export interface ConfidenceOptions {
  /** Channels at every scale. */
  readonly channels: number;
}

/** A fiftieth of the network's arithmetic. */
export const CONFIDENCE_HEAD: ConfidenceOptions = { channels: 16 };

/** What the head reads: all that the depth was made of. */
export interface ConfidenceInputs {
  /** The encoder's. */
  readonly deepest: tf.Tensor4D;
  /** The depth decoder's by scale, `decoded[s]` with 1 / 2^s of the input's resolution, from `finestScale` to 4. */
  readonly decoded: readonly (tf.Tensor4D | undefined)[];
  readonly finestScale: number;
}

/**
 * How far the depth may be trusted: sigmoid(logit) is the probability that it lies within 25 % of the truth
 * (`confidenceLoss`). A top-down pyramid of 1x1 convolutions beside the depth decoder, with one of 3x3 at each scale.
 *
 * No gradient passes the head: the depth learns as it does without it, and a head can be added to a network that is frozen.
 * A loss that weighs depth errors by their own uncertainty learns the difficult pixels less.
 * @returns logits [B, h, w, 1] of the finest scale.
 * Source of the warning: Seitzer et al. 2022, "On the pitfalls of heteroscedastic uncertainty estimation".
 */
export function confidenceHead(
  scope: Scope,
  { deepest, decoded, finestScale }: ConfidenceInputs,
  { channels }: ConfidenceOptions,
  padding: DecoderOptions['padding'],
): tf.Tensor4D {
  const beside = (name: string, x: tf.Tensor4D) =>
    conv2d(scope.child(name), stopGradient(x), { filters: channels, kernel: 1, bias: true });
  const around = { kernel: 3, bias: true, padding } as const;
  let x = tf.relu(beside('deepest', deepest));
  for (let scale = 4; scale >= finestScale; scale--) {
    const features = decoded[scale];
    if (features === undefined) throw new RangeError(`the depth decoder has no scale ${scale}`);
    if (scale < 4) x = tf.relu(conv2d(scope.child(`conv_${scale}`), x, { ...around, filters: channels }));
    x = tf.relu(upsample2(x).add<tf.Tensor4D>(beside(`beside_${scale}`, features)));
  }
  return conv2d(scope.child('logit'), x, { ...around, filters: 1, initialBias: 0 });
}
