import * as tf from '@tensorflow/tfjs';
import { upsampleBilinear } from '../../geometry/upsample-bilinear.js';
import { pyramidL1Loss } from '../../losses/pyramid-l1-loss.js';
import { structureLoss } from '../../losses/structure-loss.js';
import { weightedCrossEntropy } from '../../losses/weighted-cross-entropy.js';
import {
  depthEvidence,
  normalizedDepths,
  type S2rDepthnetOptions,
  segmentationLogits,
} from '../../networks/s2r-depthnet.js';
import type { Scope } from '../../networks/scope.js';
import type { MethodLoss } from '../../runs/method.js';
import type { S2rBatch } from './s2r-batch.js';
import type { S2rOptions } from './s2r-options.js';

/** 1/m; what is farther is the farthest. */
const LEAST_DISPARITY = 1e-6;
const CENTIMETRES = 100;

type StructureOptions = Pick<S2rOptions, 'lambda' | 'beta' | 'gradientUnit' | 'gradientForm'>;

/** The truth of a batch: metres up to the farthest, and where it is known. */
export function trueDepth(
  { disparity, weight }: Pick<S2rBatch, 'disparity' | 'weight'>,
  maxMeters: number,
): { readonly meters: tf.Tensor4D; readonly known: tf.Tensor4D } {
  return {
    meters: tf.minimum(tf.maximum(disparity, LEAST_DISPARITY).reciprocal(), maxMeters),
    known: weight.greater(0).toFloat() as tf.Tensor4D, // keeps the rank
  };
}

/**
 * Step 2: depth from the structure map, which is to be small where depth is smooth. With other evidence than the structure
 * map, the baselines of table 5, the second term has nothing to act on.
 * Source: S2R-DepthNet, eq. 1.
 */
export function structureStepLoss(
  scope: Scope,
  batch: S2rBatch,
  networks: S2rDepthnetOptions,
  { lambda, beta, gradientUnit, gradientForm }: StructureOptions,
): MethodLoss {
  const { meters, known } = trueDepth(batch, networks.maxMeters);
  const { evidence, structure } = depthEvidence(scope, batch.image, networks, {
    attends: false,
    labels: batch.labels,
  });
  const truth = normalized(meters, networks);
  const depth = pyramidL1Loss(normalizedDepths(scope, evidence, networks), truth, known);
  if (structure === undefined) return { loss: depth, metrics: { depth } };
  const measured = gradientUnit === 'centimetres' ? meters.mul<tf.Tensor4D>(CENTIMETRES) : truth;
  const sparse = structureLoss(structure, measured, known, { beta, gradient: gradientForm });
  return { loss: depth.add(sparse.mul(lambda)), metrics: { depth, structure: sparse } };
}

/** Step 3: depth from the depth-specific structure map. Source: S2R-DepthNet, eq. 3. */
export function attentionStepLoss(scope: Scope, batch: S2rBatch, networks: S2rDepthnetOptions): MethodLoss {
  const { meters, known } = trueDepth(batch, networks.maxMeters);
  const { evidence, attention } = depthEvidence(scope, batch.image, networks, { attends: true });
  const outputs = normalizedDepths(scope, evidence, networks);
  const depth = pyramidL1Loss(outputs, normalized(meters, networks), known);
  return { loss: depth, metrics: { depth, ...(attention && { attention: attention.mean<tf.Scalar>() }) } };
}

/** What says the classes of pictures whose truth is not known. */
export function segmenterLoss(
  scope: Scope,
  { image, labels }: S2rBatch,
  { segmenter }: S2rDepthnetOptions,
  classWeights: readonly number[],
): MethodLoss {
  const logits = upsampleBilinear(segmentationLogits(scope, image, segmenter), 2 ** segmenter.outputScale);
  const segmentation = weightedCrossEntropy(logits, labels, classWeights);
  return { loss: segmentation, metrics: { segmentation } };
}

/** Metres to -1..1. */
function normalized(meters: tf.Tensor4D, { maxMeters }: S2rDepthnetOptions): tf.Tensor4D {
  return meters.mul<tf.Tensor4D>(2 / maxMeters).sub(1);
}
