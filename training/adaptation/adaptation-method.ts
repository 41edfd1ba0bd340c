import type { ModelRunner } from '../../models/model-runner.js';
import type { Drives } from './drive/survey-drives.js';
import type { LearnedModel } from './judge/contenders.js';
import type { Improvement } from './judge/improvement.js';
import type { SampleSet } from './learning/source-samples.js';
import type { LearningOptions } from './learning-options.js';
import type { Lessons } from './teacher/lessons.js';

/** What learning is told beside the drives. */
export interface LearningContext {
  readonly options: LearningOptions;
  readonly parent: ModelRunner;
  readonly drives: Drives;
  /** Labelled samples of the parent's own domain, to be rehearsed. */
  readonly samples: SampleSet;
  readonly domains: readonly string[];
  /** What teachers say about the pictures; left out: there are none. */
  readonly lessons?: Lessons;
  /** What of the time that is left for learning is this method's, 0..1. */
  readonly share: number;
  /** Methods that learned before this one, of whose result `parent` is; left out: it is what the run adapts. */
  readonly before?: EarlierLearning;
  /** CSV, of this method. */
  readonly logFile: string;
  /** Seconds since the run began. */
  elapsed(): number;
}

/** What others of the same run learned before. */
export interface EarlierLearning {
  /** As provenance names them. */
  readonly method: string;
  readonly steps: number;
  /** What the run adapts, NAME/N. */
  readonly parent: string;
}

/** A way to learn from recorded drives. The judge knows nothing of it, but that some learn from drives that do not move. */
export interface AdaptationMethod {
  /** As `--method` takes it. */
  readonly name: string;
  /** For people: what of a drive it learns from. */
  readonly learnsFrom: string;
  /** Whether it needs the camera to move; the others are judged by single pictures where it does not. */
  readonly needsMotion: boolean;
  /** Whether it learns from what teachers say. */
  readonly usesTeachers: boolean;
  /** What a result of it may be better in; the judge asks that all else is kept. */
  readonly improves: readonly Improvement[];
  /** Why there is nothing for it to learn from; undefined when there is. */
  refusal(drives: Drives): string | undefined;
  /** How many targets it has, for the amount of rehearsal and for people. */
  targets(drives: Drives): { readonly learn: number; readonly judge: number };
  /** @returns the models that learning left on its way, the last one at its end; undefined when the run was stopped. */
  learn(context: LearningContext): Promise<readonly LearnedModel[] | undefined>;
}
