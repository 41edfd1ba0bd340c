import { TrainingError } from '../errors.js';
import type { LearningRateSchedule } from './learning-rate-schedule.js';

/**
 * `peak` for the first `constant` steps, then a straight line to 0 over the next `decay`.
 * @throws TrainingError when `constant` is negative or `decay` not positive.
 * Source: adversarial-depth, section 3.2: 150 epochs of each (after Isola et al. 2017).
 */
export function linearDecaySchedule({
  peak,
  constant,
  decay,
}: {
  readonly peak: number;
  readonly constant: number;
  readonly decay: number;
}): LearningRateSchedule {
  if (!(constant >= 0)) throw new TrainingError(`constant: expected at least \`0\` steps, got ${constant}`);
  if (!(decay > 0)) throw new TrainingError(`decay: expected a number of steps above \`0\`, got ${decay}`);
  return (step) => peak * Math.min(1, Math.max(0, 1 - (step - constant) / decay));
}
