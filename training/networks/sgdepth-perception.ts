import type * as tf from '@tensorflow/tfjs';
import type { PerceptionNetwork } from './perception-network.js';
import type { PoseNetworkOptions } from './pose-network.js';
import {
  depthHead,
  disparityFromLogits,
  encode,
  type SgdepthNetworkOptions,
  segmentationHead,
} from './sgdepth-network.js';

/**
 * SGDepth's networks for a perception graph: disparity, and labels where there are classes.
 * @param range of the disparity. @param pose options of the pose network, where the weights have one.
 */
export function sgdepthPerception(
  network: SgdepthNetworkOptions,
  { minMeters, maxMeters }: { readonly minMeters: number; readonly maxMeters: number },
  pose?: PoseNetworkOptions,
): PerceptionNetwork {
  const features = (named: Readonly<Record<string, tf.Tensor4D>>) =>
    [0, 1, 2, 3, 4].map((i) => named[`feature${i}`]) as unknown as ReturnType<typeof encode>; // as encoded
  return {
    architecture: 'sgdepth',
    options: { ...network, ...(pose && { pose }) },
    classes: network.classes,
    encode: (scope, image) =>
      Object.fromEntries(encode(scope, image, network).map((x, i) => [`feature${i}`, x])),
    depth: {
      scale: network.outputScale,
      compute: (scope, encoded) => {
        const [logits] = depthHead(scope, features(encoded), network);
        if (logits === undefined) throw new RangeError('the depth head has no output');
        return disparityFromLogits(logits, minMeters, maxMeters);
      },
    },
    ...(network.classes > 0 && {
      logits: {
        scale: network.outputScale,
        compute: (scope, encoded) => segmentationHead(scope, features(encoded), network),
      },
    }),
  };
}
