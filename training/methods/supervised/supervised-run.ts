import os from 'node:os';
import path from 'node:path';
import {
  type AugmentationOptions,
  NO_COLOR_AUGMENTATION,
  SCENE_AUGMENTATION,
  STRONG_AUGMENTATION,
} from '../../datasets/batches/augmentation.js';
import type { BatchOptions } from '../../datasets/batches/batch.js';
import { shapeOfStep } from '../../datasets/batches/batch-order.js';
import { SGDEPTH_AUGMENTATION } from '../../datasets/batches/joint-batch.js';
import { loadSampleBatches } from '../../datasets/batches/sample-batches.js';
import { fillWithSimulator } from '../../datasets/prepare/simulator-samples.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import { enetClassWeights } from '../../losses/class-weights.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { BATCH_NORM_MOMENTUM } from '../../networks/layers.js';
import { checkEngineChoice, chooseEngine, type EngineChoice } from '../../runs/engine.js';
import { cosineLearningRate } from '../../runs/learning-rate.js';
import { openRunFolder } from '../../runs/run-folder.js';
import { RunLog } from '../../runs/run-log.js';
import { RunState } from '../../runs/run-state.js';
import { train } from '../../runs/trainer.js';
import { networkOf } from './run-network.js';
import {
  canonicalFocalPixels,
  parseRunOptions,
  RUN_OPTION_NAMES,
  type RunOptions,
  type Stage,
  totalSteps,
} from './run-options.js';
import type { SupervisedOptions } from './supervised.js';
import { type SupervisedStart, supervisedDefinition } from './supervised-definition.js';
import { compileSupervisedStep, type SupervisedStep } from './supervised-step.js';
import { Validator } from './validator.js';

/** SGDepth, section 4. */
export const MIN_METERS = 0.1;
export const MAX_METERS = 100;
/** At the canonical focal length; beyond it lies the sky (taught as MAX_METERS). */
export const FAR_METERS = 85;

export const LOG_COLUMNS = {
  steps: ['depth', 'segmentation'],
  validations: ['absRel', 'absRelMedianScaled', 'delta1', 'meanIou'],
} as const;

export interface SupervisedRun extends EngineChoice {
  readonly folder: string;
  /** Where rendered samples are kept; shared by runs with the same samples. */
  readonly sampleFolder: string;
  readonly options: RunOptions;
  /** What a fresh run starts from. */
  readonly start?: SupervisedStart;
  readonly threads: number;
  /** Steps between validations, pictures and checkpoints. */
  readonly every: number;
  readonly signal: AbortSignal;
  /** Progress for people, one line without its end. */
  report(line: string): void;
}

/**
 * Trains SGDepth's depth and segmentation networks in the simulator, from where the folder's checkpoint left off.
 * @returns the state after the last step taken, which may be before the end when the signal was aborted.
 */
export async function runSupervised(run: SupervisedRun): Promise<RunState> {
  checkEngineChoice(run);
  const { folder, options, signal } = run;
  await openRunFolder({ folder, options, parse: parseRunOptions, ...RUN_OPTION_NAMES });
  // Before hours of rendering: a checkpoint that cannot be resumed shows now.
  const state = await RunState.open(
    path.join(folder, 'checkpoint'),
    supervisedDefinition(options, run.start, run.report),
  );
  const description = describeSamples(options);
  await fillWithSimulator({
    folder: run.sampleFolder,
    domain: options.domain,
    description,
    workers: os.availableParallelism(),
    signal,
    onProgress: progressOf(run, options.samples),
  });
  if (signal.aborted) {
    run.report(`not trained yet; the rendered samples are kept in ${run.sampleFolder}`);
    return state;
  }
  const supervised = supervisedOptions(options, countClasses(run.sampleFolder, description, options));
  const log = await RunLog.open(path.join(folder, 'log.csv'), state.step, LOG_COLUMNS);
  let end = 0;
  for (const stage of options.stages) {
    const start = end;
    end += stage.steps;
    if (state.step >= end || signal.aborted) continue;
    await runStage(run, { stage, start, end, state, supervised, log, description });
  }
  await state.save();
  await log.close();
  return state;
}

async function runStage(
  run: SupervisedRun,
  {
    stage,
    end,
    state,
    supervised,
    log,
    description,
  }: {
    stage: Stage;
    start: number;
    end: number;
    state: RunState;
    supervised: SupervisedOptions;
    log: RunLog;
    description: StoreDescription;
  },
): Promise<void> {
  const { options, signal } = run;
  const batches = [stage, ...(stage.second === undefined ? [] : [stage.second])].map((shape) =>
    batchOptions(shape, stage, options, supervised),
  );
  const trainingCount = options.samples - options.validation;
  const compiled: SupervisedStep[] = [];
  const engine = await chooseEngine(run, (line) => run.report(line));
  for (const batch of batches) {
    run.report(`${engine.name} at ${batch.width}x${batch.height}, batch ${batch.batchSize}`);
    compiled.push(await compileSupervisedStep(state.parameters, batch, supervised, run.threads, engine));
  }
  const validator = await Validator.create({
    folder: run.sampleFolder,
    description,
    first: trainingCount,
    count: options.validation,
    batch: batchOptions(stage, stage, options, supervised),
    supervised,
    parameters: state.parameters,
    threads: run.threads,
  });
  const indices = Array.from({ length: trainingCount }, (_, i) => i);
  const loader = loadSampleBatches(
    { folder: run.sampleFolder, description, indices, batches, seed: options.seed },
    state.step * (options.accumulate ?? 1),
  );
  const steps = totalSteps(options);
  const began = performance.now();
  const firstStep = state.step;
  const secondsBefore = state.trainedSeconds;
  try {
    state.step = await train({
      parameters: state.parameters,
      firstStep,
      lastStep: end,
      batchesPerStep: options.accumulate,
      nextBatch: (index) => loader.next(index),
      recycle: (index, used) => loader.recycle(index, used),
      compute: (index, given) =>
        (compiled[shapeOfStep(index, compiled.length)] as SupervisedStep).step(given), // never empty
      optimizer: state.optimizer,
      learningRate: (step) =>
        cosineLearningRate(step, { peak: options.learningRate, steps, warmup: Math.min(500, steps / 20) }),
      statisticsMomentum: BATCH_NORM_MOMENTUM,
      signal,
      onStep: async (report) => {
        state.step = report.step;
        state.trainedSeconds = secondsBefore + (performance.now() - began) / 1000;
        log.add(report);
        if (report.step % 20 === 0 || report.step === end) {
          run.report(log.summary(report.step, steps, firstStep, began));
        }
        if (report.step % run.every === 0 || report.step === end) {
          const validation = await validator.run(
            path.join(run.folder, 'panels', `step-${pad(report.step)}.png`),
          );
          state.metrics = validation;
          log.validation(report.step, validation);
          run.report(`step ${report.step}: validation ${describe(validation)}`);
          await state.save();
          await log.flush();
        }
        // Let signals and messages in: the step itself blocks.
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
  } finally {
    await loader.close();
    for (const step of compiled) await step.release();
    await validator.release();
  }
}

function describeSamples(options: RunOptions): StoreDescription {
  return {
    source: `simulator ${options.domain}`,
    seed: options.seed * 1_000_000,
    width: options.sampleWidth,
    height: options.sampleHeight,
    count: options.samples,
  };
}

function supervisedOptions(options: RunOptions, counts: readonly number[]): SupervisedOptions {
  return {
    network: networkOf(options),
    minMeters: MIN_METERS,
    maxMeters: MAX_METERS,
    classWeights: enetClassWeights(counts),
    segmentationWeight: options.segmentationWeight,
  };
}

const AUGMENTATIONS: Readonly<Record<NonNullable<RunOptions['augmentation']>, AugmentationOptions>> = {
  strong: STRONG_AUGMENTATION,
  scene: SCENE_AUGMENTATION,
  sgdepth: { ...SGDEPTH_AUGMENTATION, crop: STRONG_AUGMENTATION.crop },
  none: NO_COLOR_AUGMENTATION,
};

function batchOptions(
  shape: { readonly width: number; readonly height: number },
  stage: Stage,
  options: RunOptions,
  supervised: SupervisedOptions,
): BatchOptions {
  return {
    batchSize: options.batchSize,
    width: shape.width,
    height: shape.height,
    targetStep: 2 ** supervised.network.outputScale,
    ...inputNormalization(supervised.network),
    canonicalFocalPixels: canonicalFocalPixels(stage.width),
    minMeters: supervised.minMeters,
    maxMeters: supervised.maxMeters,
    augmentation: AUGMENTATIONS[options.augmentation ?? 'strong'],
  };
}

/** Pixels by class over the first training samples. */
function countClasses(folder: string, description: StoreDescription, options: RunOptions): number[] {
  const counts = new Array<number>(256).fill(0);
  const store = SampleStore.open(folder, description);
  const some = Math.min(300, options.samples - options.validation);
  for (let i = 0; i < some; i++) {
    for (const label of store.read(i).labels) counts[label] = (counts[label] ?? 0) + 1;
  }
  store.close();
  return counts.slice(0, 19);
}

function progressOf(run: SupervisedRun, total: number): (complete: number) => void {
  const began = performance.now();
  let first: number | undefined;
  return (complete) => {
    first ??= complete;
    if (complete % 50 !== 0 && complete !== total) return;
    const rate = (complete - first) / ((performance.now() - began) / 1000);
    const left = rate > 0 ? `, ${Math.ceil((total - complete) / rate)} s left` : '';
    run.report(`samples ${complete}/${total}${left}`);
  };
}

function pad(step: number): string {
  return String(step).padStart(6, '0');
}

function describe(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
    .join('  ');
}
