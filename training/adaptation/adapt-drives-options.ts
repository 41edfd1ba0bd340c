import type { AdaptationMethod } from './adaptation-method.js';
import type { LearningOptions } from './learning-options.js';

/** What is learned from, and by which method. */
export interface AdaptDrivesOptions extends LearningOptions {
  readonly method: AdaptationMethod;
}
