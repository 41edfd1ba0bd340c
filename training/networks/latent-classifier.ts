import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { conv2d } from './layers.js';
import type { Scope } from './scope.js';

const SLOPE = 0.2;
/** Every convolution but the last halves the channels so many times. */
const HALVINGS = 3;

/**
 * Says of every place of a latent representation from which domain it comes, in the fashion of PatchGAN. Three 4x4
 * convolutions halve the channels, and a last one has one channel. All have stride 1, so that a bottleneck of a few rows is
 * as good as any. Each logit sees 13x13 places. No normalisation: a batch holds both domains, whose common statistics would
 * tell each image about the others. Parameter names `0.weight`, `0.bias`, ... `3.bias`.
 * @param z [B, H, W, C], C at least 8.
 * @returns logits [B, H, W, 1]; above 0: the source.
 * Source: DA-Monodepth, section 4.1, "in a PatchGAN fashion", which names no widths: see docs/da-monodepth.md.
 */
export function latentClassifier(scope: Scope, z: tf.Tensor4D): tf.Tensor4D {
  assertShape(z, ['B', 'H', 'W', 'C'], 'z');
  const convolve = (index: number, x: tf.Tensor4D, filters: number) =>
    conv2d(scope.child(index), x, { filters, kernel: 4, padding: 'same', bias: true });
  let y = z;
  for (let i = 0; i < HALVINGS; i++) {
    const filters = Math.max(1, Math.floor(y.shape[3] / 2));
    y = tf.leakyRelu(convolve(i, y, filters), SLOPE);
  }
  return convolve(HALVINGS, y, 1);
}
