import { TrainingError } from '../../errors.js';

/** When training stops masking the dynamic classes out of every image. */
export interface MaskSchedule {
  readonly epochs: number;
  /** Epochs at the start in which every image is masked; `epochs` or more: all of them. */
  readonly maskedEpochs: number;
  /** Instead of the schedule: the same fraction of unmasked images in every epoch but the first (table 3, "add threshold"). */
  readonly constantFraction?: number;
}

/** Source: SGDepth, section 4, "Training Aspects". */
export const PAPER_MASK_SCHEDULE: MaskSchedule = { epochs: 40, maskedEpochs: 30 };

/**
 * epsilon: the fraction of images that are trained without mask in an epoch, 0..1. 0 up to and including the first epoch
 * after the masked ones, then rising linearly to 1 in the last epoch.
 * @param epoch from 0.
 * Source: SGDepth, section 4, "Training Aspects".
 */
export function unmaskedFraction(
  epoch: number,
  { epochs, maskedEpochs, constantFraction }: MaskSchedule,
): number {
  if (constantFraction !== undefined) return epoch === 0 ? 0 : constantFraction;
  if (epoch < maskedEpochs || maskedEpochs >= epochs) return 0;
  const last = epochs - 1;
  return epoch >= last ? 1 : (epoch - maskedEpochs) / (last - maskedEpochs);
}

/**
 * theta_Lambda: the value that a fraction epsilon of the overlaps reaches. Where several images have the very same
 * overlap, all of them do.
 * @param overlaps Lambda of every image of the last epoch, 0..1.
 * @param epsilon 0..1, from `unmaskedFraction`.
 * @returns 0..1, or Infinity where no image is to reach it.
 * @throws TrainingError for an overlap out of range.
 * Source: SGDepth, section 3.3, "Learning from Non-Moving DC Objects".
 */
export function overlapThreshold(overlaps: readonly number[], epsilon: number): number {
  for (const overlap of overlaps) {
    if (!(overlap >= 0 && overlap <= 1)) {
      throw new TrainingError(`overlapThreshold: expected overlaps in \`0..1\`, got ${overlap}`);
    }
  }
  const count = Math.round(epsilon * overlaps.length);
  if (count < 1) return epsilon >= 1 ? 0 : Number.POSITIVE_INFINITY;
  return [...overlaps].sort((a, b) => b - a)[count - 1] ?? 0;
}

/**
 * Whether an image is trained without mask, by its overlap in the last epoch. An image that was not seen yet only where every
 * image is. Source: SGDepth, eq. 11.
 */
export function isStatic(overlap: number | undefined, threshold: number): boolean {
  return (overlap ?? 0) >= threshold;
}
