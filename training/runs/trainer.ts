import { TrainingError } from '../errors.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import type { Parameters } from '../weights/parameters.js';
import { type AccumulatedResult, AccumulatedStep } from './accumulated-step.js';
import type { StepResult } from './step-result.js';

export interface TrainerOptions<B> {
  readonly parameters: Parameters;
  readonly firstStep: number;
  /** Exclusive. */
  readonly lastStep: number;
  /** Batches whose gradients are averaged for one step; 1 where left out. */
  readonly batchesPerStep?: number | undefined;
  /** @param index of the batch in the whole run: those of step s begin at s times `batchesPerStep`. */
  nextBatch(index: number): Promise<B>;
  /** Called when the batch's memory may be used again. */
  recycle(index: number, batch: B): void;
  compute(index: number, batch: B): Promise<StepResult>;
  readonly optimizer: Optimizer;
  learningRate(step: number): number;
  /** Share of the batch's statistics in the running ones. */
  readonly statisticsMomentum: number;
  /** Called after every step; may take its time (validation, checkpoints). */
  onStep(report: StepReport): Promise<void> | void;
  readonly signal?: AbortSignal;
}

export interface StepReport {
  /** Steps taken so far. */
  readonly step: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly learningRate: number;
  readonly computeMs: number;
  /** Time the step waited for its batch. */
  readonly waitMs: number;
}

/**
 * Runs steps `firstStep`..`lastStep` - 1: batch, loss and gradients, optimizer, running statistics. Knows no paper and no
 * network. Ends early, between two steps, when the signal is aborted. Steps whose loss, gradients or statistics are not
 * all finite change nothing.
 * @returns the number of steps taken in all.
 */
export async function train<B>(options: TrainerOptions<B>): Promise<number> {
  const { parameters, lastStep, optimizer, signal, statisticsMomentum } = options;
  const trainable = Object.fromEntries(
    [...parameters].filter(([, { spec }]) => spec.trainable).map(([name, { values }]) => [name, values]),
  );
  const batches = options.batchesPerStep ?? 1;
  const accumulated = new AccumulatedStep(batches);
  let step = options.firstStep;
  while (step < lastStep && !signal?.aborted) {
    let [waitMs, computeMs] = [0, 0];
    let result: AccumulatedResult | undefined;
    for (let index = step * batches; result === undefined; index++) {
      const asked = performance.now();
      const batch = await options.nextBatch(index);
      const began = performance.now();
      result = accumulated.add(await options.compute(index, batch));
      options.recycle(index, batch);
      waitMs += began - asked;
      computeMs += performance.now() - began;
    }
    const began = performance.now();
    const { loss, metrics, gradients, updates } = result;
    const learningRate = options.learningRate(step);
    if (Number.isFinite(loss) && allFinite(gradients) && updates.every(allFinite)) {
      optimizer.update(trainable, gradients, learningRate);
      for (const update of updates) blendStatistics(parameters, update, statisticsMomentum);
    }
    step += 1;
    computeMs += performance.now() - began;
    await options.onStep({ step, loss, metrics, learningRate, computeMs, waitMs });
  }
  return step;
}

/** Infinity * 0 and NaN * 0 are NaN, all else adds 0: one pass without a branch. */
function allFinite(tensors: Readonly<Record<string, Float32Array>>): boolean {
  let probe = 0;
  for (const values of Object.values(tensors)) {
    for (let i = 0; i < values.length; i++) probe += (values[i] ?? 0) * 0;
  }
  return probe === 0;
}

function blendStatistics(
  parameters: Parameters,
  updates: Readonly<Record<string, Float32Array>>,
  momentum: number,
): void {
  for (const [name, update] of Object.entries(updates)) {
    const { values: running, spec } = parameters.get(name) ?? {};
    const share = spec?.replaced === true ? 1 : (spec?.momentum ?? momentum);
    if (running?.length !== update.length) {
      throw new TrainingError(
        `The step updates \`${name}\` with ${update.length} values, the network has ${running?.length ?? 'no such parameter'}.`,
      );
    }
    for (let i = 0; i < running.length; i++) {
      running[i] = (1 - share) * (running[i] ?? 0) + share * (update[i] ?? 0);
    }
  }
}
