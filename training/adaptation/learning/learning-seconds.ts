import { TrainingError } from '../../errors.js';
import type { LearningContext } from '../adaptation-method.js';
import { judgingSeconds } from '../learning-options.js';

/** What is left of the budget for a method to learn in. @throws TrainingError when nothing is. */
export function learningSeconds({ options, elapsed, share }: LearningContext): number {
  const left = 60 * options.minutes - elapsed() - judgingSeconds(options.minutes);
  if (left > 0) return left * share;
  throw new TrainingError(
    `--minutes: looking through the drives took ${Math.round(elapsed())} s, nothing is left to learn in; ` +
      `expected more than \`${options.minutes}\`, a later --deadline, or fewer --frames.`,
    { field: '--minutes' },
  );
}
