import type { BatchArrays } from '../../datasets/batches/batch-schema.js';
import { cosineLearningRate } from '../../runs/learning-rate.js';
import { type BoundedTraining, boundedTraining, SCHEDULE, type TrainingBounds } from './bounded-training.js';
import { EarlyEnd } from './early-end.js';

/** What learning came to. */
export interface Learned {
  /** Taken in all, those of earlier nights too. */
  readonly steps: number;
  /** Those from which the next night goes on; undefined where all planned ones are taken. */
  readonly kept?: number;
}

/** Training that another night goes on with. */
export interface NightlyTraining<B extends BatchArrays>
  extends Omit<BoundedTraining<B>, 'firstStep' | 'learningRate' | 'between'> {
  /** Taken on earlier nights. */
  readonly firstStep: number;
  /** Peak of the learning rate. */
  readonly peak: number;
  /** Called between two steps; what it changes is saved. */
  between?(done: number): Promise<void>;
  /** Keeps what the next night goes on from. */
  save(done: number): Promise<void>;
  /** All steps are taken: there is nothing to go on with. */
  remove(): Promise<void>;
}

/** A kill loses no more than what was learned in so many seconds. */
const SAVE_SECONDS = 180;

/**
 * Trains weights until steps or time are used up. The rate follows the planned steps alone, so that the clock does not change
 * what is learned. It only ends the night, before which the rate falls. What was learned until then is kept, and going on
 * from it takes the very steps that a single night would have taken.
 */
export async function nightlyTraining<B extends BatchArrays>(
  training: NightlyTraining<B>,
  bounds: TrainingBounds,
): Promise<Learned> {
  const { firstStep, peak, between, save: keep, remove } = training;
  const { steps, timeShare } = bounds;
  const end = new EarlyEnd(firstStep, steps);
  let kept = firstStep;
  let savedAt = performance.now();
  const save = async (done: number) => {
    await keep(done);
    kept = done;
    savedAt = performance.now();
  };
  const taken = await boundedTraining<B>(
    {
      ...training,
      learningRate: (done) =>
        cosineLearningRate((SCHEDULE.steps * done) / steps, { peak, ...SCHEDULE }) * end.factor(timeShare()),
      between: async (done) => {
        await between?.(done);
        if (end.hasBegun) return;
        const isDue = performance.now() - savedAt > 1000 * SAVE_SECONDS;
        if (end.begins(done, timeShare()) || isDue) await save(done);
      },
    },
    bounds,
  );
  // Also where the last steps went faster than expected: they were learned at a rate that fell too soon.
  if (end.hasBegun) return { steps: taken, kept };
  if (taken < steps) {
    // Stopped, or the time was up all of a sudden: the rate had not begun to fall.
    if (taken > firstStep) await save(taken);
    return { steps: taken, kept };
  }
  await remove();
  return { steps: taken };
}
