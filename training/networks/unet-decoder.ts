import * as tf from '@tensorflow/tfjs';
import type { EncoderFeatures } from './encoder-features.js';
import { conv2d, upsample2 } from './layers.js';
import type { Scope } from './scope.js';

export interface DecoderOptions {
  /** Channels after the five upsampling stages, coarse (1/16) to fine (1/1). */
  readonly channels: readonly [number, number, number, number, number];
  readonly activation: 'relu' | 'elu';
  readonly padding: 'zero' | 'reflection';
}

/** SGDepth's and Monodepth2's decoder. */
export const SGDEPTH_DECODER: DecoderOptions = {
  channels: [256, 128, 64, 32, 16],
  activation: 'elu',
  padding: 'reflection',
};

export interface DecoderCall {
  /** 0 decodes to full resolution, 1 to half, ... */
  readonly finestScale: number;
  /** The deepest features have been through `firstConvolution` already; default false. */
  readonly isBegun?: boolean;
}

/**
 * U-Net decoder with nearest-neighbour upsampling and skip connections.
 * @returns features by scale: `features[s]` has 1 / 2^s of the input's resolution, for s = finestScale..4.
 * Source: SGDepth, section 4, "Network Topology" (after Godard et al. 2019).
 */
export function unetDecoder(
  scope: Scope,
  encoded: EncoderFeatures,
  options: DecoderOptions,
  { finestScale, isBegun = false }: DecoderCall,
): readonly (tf.Tensor4D | undefined)[] {
  const { channels } = options;
  const features: (tf.Tensor4D | undefined)[] = [undefined, undefined, undefined, undefined, undefined];
  let x: tf.Tensor4D = encoded[4];
  for (let scale = 4; scale >= finestScale; scale--) {
    const filters = channels[4 - scale] ?? 0;
    const narrowed = scale === 4 && isBegun ? x : block(scope, `upconv_${scale}_0`, x, filters, options);
    const upsampled = upsample2(narrowed);
    const skip = scale > 0 ? encoded[scale - 1] : undefined;
    const both = skip === undefined ? upsampled : tf.concat<tf.Tensor4D>([upsampled, skip], 3);
    x = block(scope, `upconv_${scale}_1`, both, filters, options);
    features[scale] = x;
  }
  return features;
}

/** What the decoder does to the deepest features before it upsamples them, for decoders that share it. */
export function firstConvolution(scope: Scope, deepest: tf.Tensor4D, options: DecoderOptions): tf.Tensor4D {
  return block(scope, 'upconv_4_0', deepest, options.channels[0], options);
}

function block(
  scope: Scope,
  name: string,
  x: tf.Tensor4D,
  filters: number,
  { activation, padding }: DecoderOptions,
): tf.Tensor4D {
  const y = conv2d(scope.child(name), x, { filters, kernel: 3, bias: true, padding });
  return activation === 'elu' ? tf.elu(y) : tf.relu(y);
}
