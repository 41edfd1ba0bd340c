import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { reflectionPad } from '../ops/reflection-pad.js';

/** (0.01 L)^2 and (0.03 L)^2 for values of the range L = 1. Source: Wang et al. 2004, section III-B. */
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/**
 * (1 - SSIM) / 2 on 3x3 patches, clamped to 0..1, by pixel and channel; 0 = the same. Patches beyond the border are
 * reflected.
 *
 * @param a, b images [B, H, W, C], values 0..1, H and W at least 2.
 * @returns [B, H, W, C].
 * Source: SGDepth, eq. 3; Wang et al. 2004, eq. 13, with plain means instead of a Gaussian window (Godard et al. 2019).
 */
export function ssimDistance(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  assertShape(b, ['B', 'H', 'W', 'C'], 'b', assertShape(a, ['B', 'H', 'W', 'C'], 'a'));
  const [x, y] = [reflectionPad(a, 1), reflectionPad(b, 1)];
  const mean = (image: tf.Tensor4D): tf.Tensor4D => tf.avgPool(image, 3, 1, 'valid');
  const [meanX, meanY] = [mean(x), mean(y)];
  const [meanXX, meanYY, meanXY] = [meanX.square(), meanY.square(), meanX.mul<tf.Tensor4D>(meanY)];
  const variances = mean(x.square<tf.Tensor4D>().add(y.square()))
    .sub<tf.Tensor4D>(meanXX)
    .sub<tf.Tensor4D>(meanYY);
  const covariance = mean(x.mul(y)).sub<tf.Tensor4D>(meanXY);
  const similar = meanXY.mul(2).add(C1).mul<tf.Tensor4D>(covariance.mul(2).add(C2));
  const scale = meanXX.add<tf.Tensor4D>(meanYY).add(C1).mul<tf.Tensor4D>(variances.add(C2));
  return tf.clipByValue(tf.sub(1, similar.div(scale)).mul<tf.Tensor4D>(0.5), 0, 1);
}
