import type { ModelRunner } from '../../models/model-runner.js';
import type { AdaptDrivesOptions } from './adapt-drives-options.js';
import type { Drives } from './drive/survey-drives.js';
import type { LearnedModel } from './judge/contenders.js';
import type { SampleSet } from './learning/source-samples.js';

/** What learning is told beside the drives. */
export interface LearningContext {
  readonly options: AdaptDrivesOptions;
  readonly parent: ModelRunner;
  readonly drives: Drives;
  /** Labelled samples of the parent's own domain, to be rehearsed. */
  readonly samples: SampleSet;
  readonly domains: readonly string[];
  /** Seconds since the run began. */
  elapsed(): number;
}

/** A way to learn from recorded drives. The judge knows nothing of it, but that some learn from drives that do not move. */
export interface AdaptationMethod {
  readonly name: string;
  /** For people: what it learns from. */
  readonly learnsFrom: string;
  /** Whether it needs the camera to move; the others are judged by single pictures where it does not. */
  readonly needsMotion: boolean;
  /** Why there is nothing for it to learn from; undefined when there is. */
  refusal(drives: Drives): string | undefined;
  /** How many targets it has, for the amount of rehearsal and for people. */
  targets(drives: Drives): { readonly learn: number; readonly judge: number };
  /** @returns the models that learning left on its way, the last one at its end; undefined when the run was stopped. */
  learn(context: LearningContext): Promise<readonly LearnedModel[] | undefined>;
}
