import * as tf from '@tensorflow/tfjs';

/**
 * What each tap of a convolution's kernel sees, row by row. For tap (ky, kx) the pixels of `x`, padded, that it is multiplied
 * with, [B, outHeight, outWidth, C].
 * @returns what `use` makes of each.
 */
export function convolutionTaps(
  x: tf.Tensor4D,
  info: tf.backend_util.Conv2DInfo,
  use: (seen: tf.Tensor) => tf.Tensor,
): tf.Tensor[] {
  const { top, bottom, left, right } = info.padInfo;
  const padded = tf.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
  const taps: tf.Tensor[] = [];
  for (let ky = 0; ky < info.filterHeight; ky++) {
    for (let kx = 0; kx < info.filterWidth; kx++) {
      const [y, x0] = [ky * info.dilationHeight, kx * info.dilationWidth];
      const end = [
        info.batchSize,
        y + (info.outHeight - 1) * info.strideHeight + 1,
        x0 + (info.outWidth - 1) * info.strideWidth + 1,
        info.inChannels,
      ];
      const strides = [1, info.strideHeight, info.strideWidth, 1];
      taps.push(use(tf.stridedSlice(padded, [0, y, x0, 0], end, strides)));
    }
  }
  return taps;
}
