import type { LearningContext } from '../adaptation-method.js';
import { judgingSeconds } from '../learning-options.js';
import { LEAST_LEARNING_SHARE } from '../preparing-time.js';

/**
 * What is left of the budget for a method to learn in, seconds. A run that was forecast to have enough (`PreparingTime`) has
 * it, also where preparing took longer than that. Nobody waits for a run that then learns nothing.
 */
export function learningSeconds({ options, elapsed, share }: LearningContext): number {
  const left = 60 * options.minutes - elapsed() - judgingSeconds(options.minutes);
  return Math.max(left, LEAST_LEARNING_SHARE * 60 * options.minutes) * share;
}
