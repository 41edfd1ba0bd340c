import * as tf from '@tensorflow/tfjs';

interface Attributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
}

/**
 * TensorFlow.js's wasm backend has no `Conv2DBackpropFilter`, so it cannot train convolutions. This composes one of its
 * own kernels: for every tap one slice and one matrix product.
 */
export function registerWasmFilterGradient(): void {
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      return tf.tidy(() => filterGradient(x, dy, attrs as unknown as Attributes));
    },
  });
}

function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, a: Attributes): tf.Tensor {
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    a.filterShape,
    a.strides,
    1,
    a.pad,
    a.dimRoundingMode,
  );
  const { top, bottom, left, right } = info.padInfo;
  const padded = tf.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
  const gradient = dy.reshape([-1, info.outChannels]);
  const taps: tf.Tensor[] = [];
  for (let ky = 0; ky < info.filterHeight; ky++) {
    for (let kx = 0; kx < info.filterWidth; kx++) {
      const end = [
        info.batchSize,
        ky + (info.outHeight - 1) * info.strideHeight + 1,
        kx + (info.outWidth - 1) * info.strideWidth + 1,
        info.inChannels,
      ];
      const seen = tf.stridedSlice(padded, [0, ky, kx, 0], end, [1, info.strideHeight, info.strideWidth, 1]);
      taps.push(tf.matMul(seen.reshape([-1, info.inChannels]), gradient, true, false));
    }
  }
  return tf.stack(taps).reshape(a.filterShape);
}
