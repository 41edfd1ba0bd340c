import * as tf from '@tensorflow/tfjs';
import type { SemanticClass } from '../../models/class-table.js';
import { type DadaNetworkOptions, dadaFeatures, dadaLogits, dadaUpsampled } from './dada-network.js';
import type { PerceptionNetwork } from './perception-network.js';

/** 1/m: a regression may give nothing or less, which is as far as can be. */
const LEAST_INVERSE_METERS = 1e-6;

/** DADA's networks for a perception graph: inverse depth in 1/m where they have it, and labels of the class set. */
export function dadaPerception(
  network: DadaNetworkOptions,
  classList: readonly SemanticClass[],
): PerceptionNetwork {
  const named = (given: Readonly<Record<string, tf.Tensor4D>>) => ({
    features: given.features as tf.Tensor4D, // as encoded
    ...(given.encoded && { encoded: given.encoded }),
  });
  return {
    ...{ architecture: 'dada', options: { ...network }, classes: network.classes, classList },
    encode: (scope, image) => ({ ...dadaFeatures(scope, image, network) }),
    ...(network.depth && {
      depth: {
        scale: network.outputScale,
        compute: (_scope, { depth }) =>
          tf.maximum(
            dadaUpsampled(depth as tf.Tensor4D, network).mul(1 / network.depthScale), // as encoded
            LEAST_INVERSE_METERS,
          ),
      },
    }),
    logits: {
      scale: network.outputScale,
      compute: (scope, given) => dadaUpsampled(dadaLogits(scope, named(given), network), network),
    },
  };
}
