import * as tf from '@tensorflow/tfjs';
import type { TensorsOf } from '../../datasets/batches/batch-schema.js';
import { TrainingError } from '../../errors.js';
import { binaryCrossEntropy } from '../../losses/binary-cross-entropy.js';
import { maskedL1Loss } from '../../losses/masked-l1-loss.js';
import { type PatchDiscriminatorOptions, patchDiscriminator } from '../../networks/patch-discriminator.js';
import type { Scope } from '../../networks/scope.js';
import type { MethodLoss } from '../../runs/method.js';
import { type DepthCoding, encodeDepth } from './depth-coding.js';
import type { PAIRED_FIELDS } from './paired-fields.js';

type Batch = TensorsOf<typeof PAIRED_FIELDS>;

/** What a generator makes of a batch. */
export interface Generated {
  /** Coded depth, [B, H, W, 1]. */
  readonly depth: tf.Tensor4D;
  /** Coded depth as its own loss is about: the L1 term compares it, weighted, with `truth`. */
  readonly compared: {
    readonly predicted: tf.Tensor4D;
    readonly truth: tf.Tensor4D;
    readonly valid: tf.Tensor4D;
  };
  /** A loss of its own: eq. 10. */
  readonly likelihood?: tf.Scalar;
}

/** @param truth coded depth. @param valid weight of each pixel, 0 where nothing is known; both [B, H, W, 1]. */
export type Generator = (scope: Scope, batch: Batch, truth: tf.Tensor4D, valid: tf.Tensor4D) => Generated;

export interface AdversarialLossOptions {
  readonly coding: DepthCoding;
  readonly discriminator: PatchDiscriminatorOptions;
  /** Whether there is a discriminator. */
  readonly adversarial: boolean;
  /** Weight of the adversarial term. */
  readonly adversarialWeight: number;
  /** lambda of eq. 3. */
  readonly l1Weight: number;
}

/**
 * What the discriminator sees of a pair: the image, and coded depth where the truth is known, 0 elsewhere, so that true and
 * generated pairs have their depths at the same pixels. [B, H, W, 4].
 */
export function shownPair(image: tf.Tensor4D, depth: tf.Tensor4D, valid: tf.Tensor4D): tf.Tensor4D {
  const known = valid.greater(0).toFloat() as tf.Tensor4D; // keeps the rank
  return tf.concat([image, depth.mul<tf.Tensor4D>(known)], 3);
}

/**
 * The generator's part of eq. 3: adversarial term + lambda L1, and a likelihood of its own where it has one.
 *
 * The adversarial term is -log D(A, G(A)). It has the gradients of log(1 - D) where the discriminator is in doubt, and does
 * not vanish where it is sure. A generator with a likelihood and without discriminator learns from that alone. Source:
 * adversarial-depth, eq. 1 to 4 and 10; Goodfellow et al. 2014, section 3.
 */
export function generatorLoss(
  scope: Scope,
  batch: Batch,
  generator: Generator,
  { coding, discriminator, adversarial, adversarialWeight, l1Weight }: AdversarialLossOptions,
): MethodLoss {
  const { image, disparity, weight } = batch;
  const { depth, compared, likelihood } = generator(scope, batch, encodeDepth(disparity, coding), weight);
  const l1 = maskedL1Loss(compared.predicted, compared.truth, { valid: compared.valid });
  const weighted = l1.mul<tf.Scalar>(l1Weight);
  if (!adversarial) {
    return { loss: likelihood ?? weighted, metrics: { l1, ...(likelihood && { likelihood }) } };
  }
  const pair = shownPair(image, depth, weight);
  const scores = patchDiscriminator(scope.child('discriminator'), pair, discriminator);
  const fooled = binaryCrossEntropy(scores, 1);
  const loss = fooled.mul<tf.Scalar>(adversarialWeight).add<tf.Scalar>(weighted);
  return {
    loss: likelihood === undefined ? loss : loss.add(likelihood),
    metrics: { l1, adversarial: fooled, spread: spread(depth), ...(likelihood && { likelihood }) },
    host: { generated: pair },
  };
}

/** Standard deviation of the coded depths of a batch: 0 where they have collapsed to one. */
function spread(depth: tf.Tensor4D): tf.Scalar {
  return tf.sqrt(depth.sub(depth.mean()).square().mean<tf.Scalar>());
}

/**
 * The discriminator's part of eq. 1, negated: the mean of -log D over true pairs and of -log(1 - D) over generated ones,
 * half of each.
 * @throws TrainingError when the batch has no generated pairs.
 * Source: adversarial-depth, eq. 1; one half as in Isola et al. 2017, section 3.3.
 */
export function discriminatorLoss(
  scope: Scope,
  { image, disparity, weight, generated }: Batch,
  { coding, discriminator }: Pick<AdversarialLossOptions, 'coding' | 'discriminator'>,
): MethodLoss {
  if (generated === undefined) throw new TrainingError('batch: expected `generated`, it is missing');
  const real = shownPair(image, encodeDepth(disparity, coding), weight);
  // Once for both: spectral normalisation takes one step of its power iteration.
  const scores = patchDiscriminator(
    scope.child('discriminator'),
    tf.concat([real, generated], 0),
    discriminator,
  );
  const [ofReal, ofGenerated] = tf.split(scores, 2, 0) as [tf.Tensor4D, tf.Tensor4D]; // two of them
  const loss = binaryCrossEntropy(ofReal, 1).add<tf.Scalar>(binaryCrossEntropy(ofGenerated, 0)).mul(0.5);
  return {
    loss: loss as tf.Scalar, // a sum of scalars
    metrics: {
      realScore: tf.sigmoid(ofReal).mean(),
      generatedScore: tf.sigmoid(ofGenerated).mean(),
    },
  };
}
