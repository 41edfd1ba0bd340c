import { TrainingError } from '../errors.js';
import { euclideanNorm } from '../optimizers/euclidean-norm.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import type { Parameters } from '../weights/parameters.js';
import { type AccumulatedResult, AccumulatedStep } from './accumulated-step.js';
import type { UpdateReport } from './health/update-health.js';
import type { StepResult } from './step-result.js';

/** One of the updates that a step makes, one after another: its own loss, networks, optimizer and schedule. */
export interface TrainerUpdate<B> {
  /** Name of its numbers, if a step has several updates: `NAME.loss`, `NAME.gradientNorm`, `NAME.learningRate`. */
  readonly name?: string;
  /** @param index of the batch in the whole run. */
  compute(index: number, batch: B): Promise<StepResult>;
  readonly optimizer: Optimizer;
  learningRate(step: number): number;
}

export interface TrainerOptions<B> {
  readonly parameters: Parameters;
  readonly firstStep: number;
  /** Exclusive. */
  readonly lastStep: number;
  /** Batches whose gradients are averaged for one update; 1 where left out. */
  readonly batchesPerStep?: number | undefined;
  /** @param index of the batch in the whole run: those of step s begin at s times `batchesPerStep`. */
  nextBatch(index: number): Promise<B>;
  /** Called when the batch's memory may be used again. */
  recycle(index: number, batch: B): void;
  /** Updates, at least one. All see the same batches, each with the weights that the one before left. */
  readonly updates: readonly TrainerUpdate<B>[];
  /** Share of the batch's statistics in the running ones. */
  readonly statisticsMomentum: number;
  /** Called after every step; may take its time (validation, checkpoints). */
  onStep(report: StepReport): Promise<void> | void;
  readonly signal?: AbortSignal;
}

export interface StepReport {
  /** Steps taken so far. */
  readonly step: number;
  /** Sum over the updates. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Reports by the updates' names. */
  readonly updates: Readonly<Record<string, UpdateReport>>;
  /** Learning rate of the first update. */
  readonly learningRate: number;
  readonly computeMs: number;
  /** Time the step waited for its batch. */
  readonly waitMs: number;
}

/**
 * Runs steps `firstStep`..`lastStep` - 1: batch, and for every update loss and gradients, optimizer, running statistics.
 * Knows no paper and no network. Ends early, between two steps, when the signal is aborted. Updates whose loss, gradients
 * or statistics are not all finite change nothing.
 * @returns the number of steps taken in all.
 */
export async function train<B>(options: TrainerOptions<B>): Promise<number> {
  const { lastStep, signal, batchesPerStep = 1 } = options;
  const sums = options.updates.map(() => new AccumulatedStep(batchesPerStep));
  let step = options.firstStep;
  while (step < lastStep && !signal?.aborted) {
    const report = await takeStep(options, step, sums);
    step += 1;
    await options.onStep({ ...report, step });
  }
  return step;
}

async function takeStep<B>(
  options: TrainerOptions<B>,
  step: number,
  sums: readonly AccumulatedStep[],
): Promise<StepReport> {
  const { parameters, updates, statisticsMomentum, batchesPerStep = 1 } = options;
  const first = step * batchesPerStep;
  const held: B[] = [];
  const rates: Record<string, number> = {};
  const reports: Record<string, UpdateReport> = {};
  let [waitMs, computeMs, loss] = [0, 0, 0];
  let metrics: Record<string, number> = {};
  for (const [at, { name = String(at), compute, optimizer, learningRate }] of updates.entries()) {
    const isLast = at === updates.length - 1;
    let result: AccumulatedResult | undefined;
    for (let i = 0; result === undefined; i++) {
      const asked = performance.now();
      const batch = held[i] ?? (await options.nextBatch(first + i));
      const began = performance.now();
      result = sums[at]?.add(await compute(first + i, batch));
      if (isLast) options.recycle(first + i, batch);
      else held[i] = batch;
      waitMs += began - asked;
      computeMs += performance.now() - began;
    }
    const began = performance.now();
    const rate = learningRate(step);
    const norm = euclideanNorm(result.gradients);
    // The norm is summed in doubles, which no square of a float overflows: it is finite where every gradient is.
    const applied = Number.isFinite(result.loss) && Number.isFinite(norm) && result.updates.every(allFinite);
    const values = valuesOf(parameters, result.gradients);
    const before = euclideanNorm(values);
    if (applied) {
      optimizer.update(values, result.gradients, rate);
      for (const update of result.updates) blendStatistics(parameters, update, statisticsMomentum);
    }
    loss += result.loss;
    rates[name] = rate;
    const weightNorms = { before, after: applied ? euclideanNorm(values) : before };
    reports[name] = { loss: result.loss, gradientNorm: norm, weightNorms, applied };
    metrics = { ...metrics, ...result.metrics };
    if (updates.length > 1) {
      const own = { loss: result.loss, gradientNorm: norm, learningRate: rate };
      for (const [what, value] of Object.entries(own)) metrics = { ...metrics, [`${name}.${what}`]: value };
    }
    computeMs += performance.now() - began;
  }
  const [learningRate = Number.NaN] = Object.values(rates);
  return { step, loss, metrics, updates: reports, learningRate, computeMs, waitMs };
}

/** The values that have gradients, in the parameters' order. */
function valuesOf(parameters: Parameters, gradients: StepResult['gradients']): Record<string, Float32Array> {
  const values: Record<string, Float32Array> = {};
  for (const [name, parameter] of parameters) {
    if (parameter.spec.trainable && gradients[name] !== undefined) values[name] = parameter.values;
  }
  return values;
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
