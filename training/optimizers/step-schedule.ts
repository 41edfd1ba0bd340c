import { TrainingError } from '../errors.js';
import type { LearningRateSchedule } from './learning-rate-schedule.js';

/**
 * peak factor^floor(step / every): halves every so many steps by default.
 * @param every steps between two drops, a positive number; for epochs, epochs times the steps of one.
 * @throws TrainingError unless `every` and `factor` are positive.
 * Source: S2R-DepthNet, section 4.1: 50 % every 10 epochs.
 */
export function stepSchedule({
  peak,
  every,
  factor = 0.5,
}: {
  readonly peak: number;
  readonly every: number;
  readonly factor?: number;
}): LearningRateSchedule {
  if (!(every > 0)) throw new TrainingError(`every: expected a number above \`0\`, got ${every}`);
  if (!(factor > 0)) throw new TrainingError(`factor: expected a number above \`0\`, got ${factor}`);
  return (step) => peak * factor ** Math.floor(step / every);
}
