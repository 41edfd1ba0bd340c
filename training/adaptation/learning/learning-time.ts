import type { LearningContext } from '../adaptation-method.js';
import { learningSeconds } from './learning-seconds.js';

/**
 * How much of the time that is left for learning is used up, 0..1, from now on.
 * @throws TrainingError when none is left.
 */
export function learningTime(context: LearningContext): () => number {
  const left = learningSeconds(context);
  const began = context.elapsed();
  return () => Math.min(1, (context.elapsed() - began) / left);
}
