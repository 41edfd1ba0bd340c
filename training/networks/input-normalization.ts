import { isEfficientnet } from './efficientnet-encoder.js';
import { IMAGENET_MEAN, IMAGENET_STD } from './normalization.js';
import type { SgdepthNetworkOptions } from './sgdepth-network.js';

/** Normalisation of RGB values in 0..1. */
export interface Normalization {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

const IMAGENET: Normalization = { mean: IMAGENET_MEAN, std: IMAGENET_STD };

/** (rgb - 127) / 128 of bytes. Source: efficientnet_lite_builder.py of tensorflow/tpu, MEAN_RGB and STDDEV_RGB. */
const EFFICIENTNET: Normalization = {
  mean: [127 / 255, 127 / 255, 127 / 255],
  std: [128 / 255, 128 / 255, 128 / 255],
};

/** What a network's published encoder was trained with. */
export function inputNormalization({
  encoderDepth,
}: Pick<SgdepthNetworkOptions, 'encoderDepth'>): Normalization {
  return isEfficientnet(encoderDepth) ? EFFICIENTNET : IMAGENET;
}
