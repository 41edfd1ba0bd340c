import * as tf from '@tensorflow/tfjs';
import { conv2d } from './layers.js';
import type { Scope } from './scope.js';
import { upProjection } from './up-projection.js';

export interface MapDecoderOptions {
  /** Filters of the up-projections, each of which doubles the resolution. */
  readonly filters: readonly number[];
  /** How they upsample, see `upProjection`. */
  readonly alignCorners: boolean;
}

/** Source: S2R-DepthNet, section 4.1; numbers of filters as in its code. 2,234,049 parameters. */
export const PAPER_STRUCTURE_DECODER: MapDecoderOptions = { filters: [128, 64], alignCorners: true };

/** The decoder of the attention module. Source: S2R-DepthNet, section 4.1. 9,379,009 parameters. */
export const PAPER_ATTENTION_DECODER: MapDecoderOptions = { filters: [256, 128, 64], alignCorners: true };

/**
 * Features to a map of one channel: up-projections, a 3x3 convolution with reflection padding, sigmoid. D_s of the
 * structure extraction, and the decoder of the attention. Parameter names as in S2R-DepthNet's code: `up1`, `up2` ...,
 * `conv`.
 * @param features [B, h, w, C].
 * @returns [B, 2^n h, 2^n w, 1] of n up-projections, in 0..1.
 * Source: S2R-DepthNet, sections 3.2, 3.3 and 4.1; the sigmoid of D_s is its code's.
 */
export function mapDecoder(
  scope: Scope,
  features: tf.Tensor4D,
  { filters, alignCorners }: MapDecoderOptions,
): tf.Tensor4D {
  let x = features;
  for (const [index, width] of filters.entries()) {
    x = upProjection(scope.child(`up${index + 1}`), x, { filters: width, alignCorners });
  }
  const options = { filters: 1, kernel: 3, bias: true, padding: 'reflection' } as const;
  return tf.sigmoid(conv2d(scope.child('conv'), x, options));
}
