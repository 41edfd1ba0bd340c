import type * as tf from '@tensorflow/tfjs';

/** Channels of the features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input's resolution. */
export type EncoderWidths = readonly [number, number, number, number, number];

/** Features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input's resolution. */
export type EncoderFeatures = readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
