import type * as tf from '@tensorflow/tfjs';
import type { PerceptionNetwork } from './perception-network.js';
import type { PoseNetworkOptions } from './pose-network.js';
import {
  confidenceLogits,
  type DecodedDepth,
  decodeDepth,
  depthLogits,
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
  const decoded = (named: Readonly<Record<string, tf.Tensor4D>>): DecodedDepth =>
    [0, 1, 2, 3, 4].map((scale) => named[`decoded${scale}`]);
  const scale = network.outputScale;
  return {
    architecture: 'sgdepth',
    options: { ...network, ...(pose && { pose }) },
    classes: network.classes,
    encode: (scope, image) => {
      const encoded = encode(scope, image, network);
      const named = Object.fromEntries(encoded.map((x, i) => [`feature${i}`, x]));
      if (network.confidence === undefined) return named;
      // Two heads read the decoder's features.
      const all = decodeDepth(scope, encoded, network).entries();
      return {
        ...named,
        ...Object.fromEntries([...all].flatMap(([i, x]) => (x ? [[`decoded${i}`, x]] : []))),
      };
    },
    depth: {
      scale,
      compute: (scope, encoded) => {
        const all = network.confidence ? decoded(encoded) : decodeDepth(scope, features(encoded), network);
        const [logits] = depthLogits(scope, all, network);
        if (logits === undefined) throw new RangeError('the depth head has no output');
        return disparityFromLogits(logits, minMeters, maxMeters);
      },
    },
    ...(network.classes > 0 && {
      logits: { scale, compute: (scope, encoded) => segmentationHead(scope, features(encoded), network) },
    }),
    ...(network.confidence && {
      confidence: {
        scale,
        compute: (scope, encoded) => confidenceLogits(scope, features(encoded), decoded(encoded), network),
      },
    }),
  };
}
