import type * as tf from '@tensorflow/tfjs';
import { assertShape } from '../../ops/assert-shape.js';

export interface SgdepthTerms {
  /** J_ce of the source domain; left out where no segmentation is trained. */
  readonly crossEntropy?: tf.Scalar;
  /** J_sm of each target image [B]. */
  readonly smoothness: tf.Tensor1D;
  /** J_ph of each target image [B]: without mask. */
  readonly photometric: tf.Tensor1D;
  /** J_phm of each target image [B]; left out where nothing is masked. */
  readonly maskedPhotometric?: tf.Tensor1D;
  /** [B]: 1 where Lambda_t >= theta_Lambda, so that the image is trained without mask, 0 where Lambda_t < theta_Lambda. */
  readonly isStatic?: tf.Tensor1D;
  /** beta. Source: Godard et al. 2019: 1e-3. */
  readonly smoothnessWeight: number;
}

/**
 * J_total = J_ce + <beta J_sm + (J_phm where the image is dynamic, J_ph where it is static)>, averaged over the images.
 * The decision is an input, so that one compiled graph serves the whole schedule. Nothing weighs the tasks against each
 * other: that happens to the gradients, in the encoder (eq. 6).
 * Source: SGDepth, eq. 11.
 */
export function sgdepthTotal(terms: SgdepthTerms): tf.Scalar {
  const { crossEntropy, smoothness, photometric, maskedPhotometric, isStatic, smoothnessWeight } = terms;
  const sizes = assertShape(photometric, ['B'], 'photometric');
  assertShape(smoothness, ['B'], 'smoothness', sizes);
  let chosen = photometric;
  if (maskedPhotometric !== undefined) {
    assertShape(maskedPhotometric, ['B'], 'maskedPhotometric', sizes);
    chosen = maskedPhotometric;
    if (isStatic !== undefined) {
      assertShape(isStatic, ['B'], 'isStatic', sizes);
      chosen = maskedPhotometric.add(isStatic.mul(photometric.sub(maskedPhotometric)));
    }
  }
  const depth = chosen.add(smoothness.mul(smoothnessWeight)).mean<tf.Scalar>();
  return crossEntropy === undefined ? depth : depth.add(crossEntropy);
}
