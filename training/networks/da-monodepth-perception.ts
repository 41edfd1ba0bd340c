import type * as tf from '@tensorflow/tfjs';
import {
  type DaMonodepthFeatures,
  type DaMonodepthNetworkOptions,
  depthDecoder,
  encodeDaMonodepth,
  semanticDecoder,
  sharedBlock,
} from './da-monodepth-network.js';
import type { EncoderFeatures } from './encoder-features.js';
import type { PerceptionNetwork } from './perception-network.js';
import { disparityFromLogits } from './sgdepth-network.js';

/** DA-Monodepth's networks for a perception graph: inverse depth, and labels where there are classes; no domain classifier. */
export function daMonodepthPerception(
  network: DaMonodepthNetworkOptions,
  { minMeters, maxMeters }: { readonly minMeters: number; readonly maxMeters: number },
): PerceptionNetwork {
  const features = (named: Readonly<Record<string, tf.Tensor4D>>): DaMonodepthFeatures => ({
    encoded: [0, 1, 2, 3, 4].map((i) => named[`feature${i}`]) as unknown as EncoderFeatures, // as encoded
    shared: named.shared as tf.Tensor4D, // as encoded
  });
  const finest = ([logits]: tf.Tensor4D[]): tf.Tensor4D => {
    if (logits === undefined) throw new RangeError('the decoder has no output');
    return logits;
  };
  return {
    architecture: 'da-monodepth',
    options: { ...network },
    classes: network.classes,
    encode: (scope, image) => {
      const { encoded, shared } = sharedBlock(scope, encodeDaMonodepth(scope, image, network), network, 1);
      return { ...Object.fromEntries(encoded.map((x, i) => [`feature${i}`, x])), shared };
    },
    depth: {
      scale: 0,
      compute: (scope, encoded) =>
        disparityFromLogits(finest(depthDecoder(scope, features(encoded), network, 1)), minMeters, maxMeters),
    },
    ...(network.classes > 0 && {
      logits: {
        scale: 0,
        compute: (scope, encoded) => finest(semanticDecoder(scope, features(encoded), network, 1)),
      },
    }),
  };
}
