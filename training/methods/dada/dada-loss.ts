import * as tf from '@tensorflow/tfjs';
import type { TensorsOf } from '../../datasets/batches/batch-schema.js';
import { berhuLoss } from '../../losses/berhu-loss.js';
import { binaryCrossEntropy } from '../../losses/binary-cross-entropy.js';
import { selfInformation } from '../../losses/self-information.js';
import { weightedCrossEntropy } from '../../losses/weighted-cross-entropy.js';
import { type DadaNetworkOptions, dadaOutputs } from '../../networks/dada-network.js';
import { domainDiscriminator } from '../../networks/domain-discriminator.js';
import type { Scope } from '../../networks/scope.js';
import { stopGradient } from '../../ops/stop-gradient.js';
import type { MethodLoss } from '../../runs/method.js';
import type { DADA_BATCH } from './dada-batch.js';
import type { ADAPTATIONS } from './dada-options.js';

type DadaBatch = TensorsOf<typeof DADA_BATCH>;

export interface DadaLossOptions {
  readonly network: DadaNetworkOptions;
  readonly adaptation: (typeof ADAPTATIONS)[number];
  readonly depthWeight: number;
  readonly adversarialWeight: number;
  /** Filters of the discriminators' first convolution. */
  readonly filters: number;
}

/** What the discriminators see of one domain; absent what is not aligned. */
export interface DomainMaps {
  /** [B, h, w, C]. */
  readonly map?: tf.Tensor4D;
  /** [B, h, w, 1]. */
  readonly depthMap?: tf.Tensor4D;
}

/** Labels of the discriminators. Source: DADA, eq. 6. */
const SOURCE = 1;
const TARGET = 0;

/**
 * The maps that are aligned. `fused` is DADA's: surprisal times inverse depth, so that what is near counts more.
 * Source: DADA, eq. 5 and section 3.2; table 3 for the others.
 */
export function domainMaps(
  { logits, depth }: { readonly logits: tf.Tensor4D; readonly depth?: tf.Tensor4D },
  adaptation: DadaLossOptions['adaptation'],
): DomainMaps {
  if (adaptation === 'none') return {};
  if (adaptation === 'surprisal') return { map: selfInformation(logits) };
  if (depth === undefined) throw new RangeError(`${adaptation}: the network has no depth`);
  if (adaptation === 'depth') return { depthMap: depth };
  if (adaptation === 'both') return { map: selfInformation(logits), depthMap: depth };
  return { map: selfInformation(logits).mul(depth) };
}

/** Asks for the discriminators' parameters: for a map of 32 x 32, whatever the size of the pictures. */
export function declareDiscriminators(
  scope: Scope,
  outputs: { readonly logits: tf.Tensor4D; readonly depth?: tf.Tensor4D },
  { adaptation, filters }: DadaLossOptions,
): void {
  domainLoss(scope, domainMaps(outputs, adaptation), SOURCE, filters);
}

/** How sure the discriminators are that maps are of a domain. Source: DADA, eq. 6 and 7. */
function domainLoss(scope: Scope, { map, depthMap }: DomainMaps, label: 0 | 1, filters: number): tf.Scalar {
  const losses = [
    ...(map === undefined ? [] : [domainDiscriminator(scope.child('discriminator'), map, { filters })]),
    ...(depthMap === undefined
      ? []
      : [domainDiscriminator(scope.child('depth_discriminator'), depthMap, { filters })]),
  ].map((logits) => binaryCrossEntropy(logits, label));
  return losses.reduce((sum, loss) => sum.add(loss), tf.scalar(0));
}

/**
 * The networks' update: cross-entropy and berHu on the source, and the target's maps passed off as the source's.
 * @returns also, for {@link discriminatorLoss}, the maps of both domains as they were before the update.
 * Source: DADA, eq. 1 to 4 and 7; weights of section 4.1.
 */
export function dadaLoss(scope: Scope, batch: DadaBatch, options: DadaLossOptions): MethodLoss {
  const { network, adaptation, depthWeight, adversarialWeight, filters } = options;
  const source = dadaOutputs(scope, batch.image, network);
  const ones = Array.from({ length: network.classes }, () => 1);
  const segmentation = weightedCrossEntropy(source.logits, batch.labels, ones);
  const { depth: predicted } = source;
  const depth =
    predicted === undefined
      ? undefined
      : berhuLoss(predicted, batch.disparity.mul(network.depthScale), batch.weight);
  const supervised = depth === undefined ? segmentation : segmentation.add<tf.Scalar>(depth.mul(depthWeight));
  const known = { segmentation, ...(depth && { depth }) };
  if (adaptation === 'none') return { loss: supervised, metrics: known };
  const target = dadaOutputs(scope, batch.targetImage, network);
  const targetMaps = domainMaps(target, adaptation);
  const adversarial = domainLoss(scope, targetMaps, SOURCE, filters);
  const sourceMaps = domainMaps(source, adaptation);
  return {
    loss: supervised.add(adversarial.mul(adversarialWeight)),
    metrics: { ...known, adversarial, variety: variety(target.logits) },
    host: {
      ...(sourceMaps.map && { sourceMap: sourceMaps.map }),
      ...(targetMaps.map && { targetMap: targetMaps.map }),
      ...(sourceMaps.depthMap && { sourceDepthMap: sourceMaps.depthMap }),
      ...(targetMaps.depthMap && { targetDepthMap: targetMaps.depthMap }),
    },
  };
}

/** The discriminators' update on the maps of the same step. Source: DADA, eq. 6. */
export function discriminatorLoss(scope: Scope, batch: DadaBatch, { filters }: DadaLossOptions): MethodLoss {
  const maps = (map?: tf.Tensor4D, depthMap?: tf.Tensor4D) => ({
    ...(map && { map }),
    ...(depthMap && { depthMap }),
  });
  const onSource = domainLoss(scope, maps(batch.sourceMap, batch.sourceDepthMap), SOURCE, filters);
  const onTarget = domainLoss(scope, maps(batch.targetMap, batch.targetDepthMap), TARGET, filters);
  return {
    loss: onSource.add(onTarget),
    metrics: { discriminatorSource: onSource, discriminatorTarget: onTarget },
  };
}

/** How many classes share the picture: entropy of the mean prediction in units of its largest, 0..1. Without gradient. */
function variety(logits: tf.Tensor4D): tf.Scalar {
  const mean = tf.softmax(stopGradient(logits)).mean([0, 1, 2]);
  return mean
    .mul(tf.log(tf.maximum(mean, 1e-8)))
    .sum<tf.Scalar>()
    .mul(-1 / Math.log(logits.shape[3]));
}
