import * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from './override-kernel.js';
import type { FilterGradientAttributes } from './wasm-filter-gradient.js';

type Gradient = Readonly<Record<'x' | 'dy', tf.Tensor4D>>;

/**
 * `Conv2DBackpropFilter` of the part of the image that the convolution reads, with `valid` padding; undefined where that is
 * what is asked for. tfjs-node knows no explicit padding. TensorFlow 2.21 with oneDNN corrupts memory where a stride leaves
 * the image's last rows or columns unread. A 1x1 convolution of an even size with stride 2 does.
 */
export function filterGradientOfWhatIsRead({
  inputs: { x, dy },
  attributes: a,
}: KernelArguments<Gradient, FilterGradientAttributes & { readonly dataFormat: string }>):
  | tf.Tensor
  | undefined {
  if (a.dataFormat === 'NCHW') return undefined;
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    a.filterShape,
    a.strides,
    1,
    a.pad,
    a.dimRoundingMode,
  );
  const { top, bottom, left, right } = info.padInfo;
  const [batch, height, width, channels] = x.shape;
  const rows = (info.outHeight - 1) * info.strideHeight + info.filterHeight;
  const columns = (info.outWidth - 1) * info.strideWidth + info.filterWidth;
  const isRead = rows === height + top + bottom && columns === width + left + right;
  if (isRead && (a.pad === 'valid' || a.pad === 'same')) return undefined;
  const read = tf
    .pad(x, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ])
    .slice([0, 0, 0, 0], [batch, rows, columns, channels]);
  return tf.engine().runKernel<tf.Tensor>('Conv2DBackpropFilter', { dy, x: read }, { ...a, pad: 'valid' });
}
