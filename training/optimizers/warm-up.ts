import { TrainingError } from '../errors.js';
import type { LearningRateSchedule } from './learning-rate-schedule.js';

/**
 * A schedule whose first `steps` steps are scaled by (step + 1) / steps, as far as that is below one. The schedule
 * counts those steps too, so that it ends where it did.
 * @throws TrainingError when `steps` is negative.
 * Source: Goyal et al. 2017, section 2.2 (gradual warm-up).
 */
export function warmUp(steps: number, schedule: LearningRateSchedule): LearningRateSchedule {
  if (!(steps >= 0)) throw new TrainingError(`steps: expected at least \`0\`, got ${steps}`);
  return (step) => (step < steps ? Math.min(1, (step + 1) / steps) : 1) * schedule(step);
}
