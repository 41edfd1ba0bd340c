import * as tf from '@tensorflow/tfjs';
import { convolutionTaps } from './convolution-taps.js';

interface DepthwiseAttributes {
  readonly strides: number | [number, number];
  readonly dilations: number | [number, number];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export interface DepthwiseFilterAttributes extends DepthwiseAttributes {
  readonly filterShape: [number, number, number, number];
}

export interface DepthwiseInputAttributes extends DepthwiseAttributes {
  readonly inputShape: [number, number, number, number];
}

/** `DepthwiseConv2dNativeBackpropFilter`: [height, width, C, multiplier]. */
export function depthwiseFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  a: DepthwiseFilterAttributes,
): tf.Tensor {
  const info = geometry(x.shape, a.filterShape, a);
  const gradient = byInput(dy, info);
  const taps = convolutionTaps(x, info, (seen) => seen.expandDims(4).mul(gradient).sum([0, 1, 2]));
  return tf.stack(taps).reshape(a.filterShape);
}

/** `DepthwiseConv2dNativeBackpropInput`: what every tap of the kernel sends back, spread by the strides and added. */
export function depthwiseInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  a: DepthwiseInputAttributes,
): tf.Tensor {
  const info = geometry(a.inputShape, filter.shape, a);
  const [batch, height, width, channels] = a.inputShape;
  const { top, bottom, left, right } = info.padInfo;
  const gradient = byInput(dy, info);
  const spread = [info.outHeight * info.strideHeight, info.outWidth * info.strideWidth] as const;
  // Room for the last tap's spread, which ends in zeros that may reach beyond the padded input.
  const rows = Math.max(height + top + bottom, spread[0] + (info.filterHeight - 1) * info.dilationHeight);
  const columns = Math.max(width + left + right, spread[1] + (info.filterWidth - 1) * info.dilationWidth);
  const sent: tf.Tensor[] = [];
  for (let ky = 0; ky < info.filterHeight; ky++) {
    for (let kx = 0; kx < info.filterWidth; kx++) {
      const weight = filter
        .slice([ky, kx, 0, 0], [1, 1, -1, -1])
        .reshape([channels, info.outChannels / channels]);
      const [y, x] = [ky * info.dilationHeight, kx * info.dilationWidth];
      const apart = gradient
        .mul(weight)
        .sum(4)
        .reshape([batch, info.outHeight, 1, info.outWidth, 1, channels])
        .pad([
          [0, 0],
          [0, 0],
          [0, info.strideHeight - 1],
          [0, 0],
          [0, info.strideWidth - 1],
          [0, 0],
        ])
        .reshape([batch, ...spread, channels]);
      sent.push(
        apart.pad([
          [0, 0],
          [y, rows - spread[0] - y],
          [x, columns - spread[1] - x],
          [0, 0],
        ]),
      );
    }
  }
  return tf.addN(sent).slice([0, top, left, 0], [batch, height, width, channels]);
}

function geometry(
  inputShape: [number, number, number, number],
  filterShape: [number, number, number, number],
  { strides, dilations, pad, dimRoundingMode }: DepthwiseAttributes,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
}

/** [B, H, W, C * multiplier] -> [B, H, W, C, multiplier]. */
function byInput(dy: tf.Tensor4D, info: tf.backend_util.Conv2DInfo): tf.Tensor {
  const { inChannels, outChannels } = info;
  return dy.reshape([...dy.shape.slice(0, 3), inChannels, outChannels / inChannels]);
}
