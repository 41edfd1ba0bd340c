import { TrainingError } from '../errors.js';
import type { LearningRateSchedule } from './learning-rate-schedule.js';

/**
 * peak (1 - step / steps)^power, and 0 from the end on.
 * @param power 0.9 in DeepLab and DADA.
 * @throws TrainingError unless `steps` and `power` are positive.
 * Source: Chen et al. 2018 (DeepLab-v2), section 4.1; DADA's code.
 */
export function polySchedule({
  peak,
  steps,
  power = 0.9,
}: {
  readonly peak: number;
  readonly steps: number;
  readonly power?: number;
}): LearningRateSchedule {
  if (!(steps > 0)) throw new TrainingError(`steps: expected a number above \`0\`, got ${steps}`);
  if (!(power > 0)) throw new TrainingError(`power: expected a number above \`0\`, got ${power}`);
  return (step) => peak * Math.max(0, 1 - step / steps) ** power;
}
