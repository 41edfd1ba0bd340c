import os from 'node:os';
import path from 'node:path';
import {
  type JointBatch,
  SGDEPTH_AUGMENTATION,
  type TripletBatchOptions,
} from '../../datasets/batches/joint-batch.js';
import {
  type JointBatchesOptions,
  JointBatchMaker,
  loadJointBatches,
  stepsPerEpoch,
} from '../../datasets/batches/joint-batches.js';
import { prepareSource, prepareTarget } from '../../datasets/prepare/prepare-data.js';
import type { PreparedSource, PreparedTarget } from '../../datasets/prepare/prepared-data.js';
import { type LabelledSource, StoredSamples } from '../../datasets/stores/labelled-source.js';
import { StoredTriplets } from '../../datasets/stores/stored-triplets.js';
import { TrainingError } from '../../errors.js';
import { median } from '../../evaluation/metrics/median.js';
import { enetClassWeights } from '../../losses/class-weights.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { BATCH_NORM_MOMENTUM } from '../../networks/layers.js';
import { checkEngineChoice, chooseEngine, type EngineChoice } from '../../runs/engine.js';
import { droppedLearningRate } from '../../runs/learning-rate.js';
import { openRunFolder } from '../../runs/run-folder.js';
import { RunLog } from '../../runs/run-log.js';
import { type RunDefinition, RunState } from '../../runs/run-state.js';
import { NETWORK_PARTS, readStartingWeights } from '../../runs/starting-weights.js';
import type { StepResult } from '../../runs/step-result.js';
import { train } from '../../runs/trainer.js';
import { declaredParameters } from '../../weights/network-parameters.js';
import { initialParameters } from '../../weights/parameters.js';
import type { EncoderFile } from '../../weights/published/encoder-file.js';
import { takeEncoder } from '../../weights/published/take-encoder.js';
import { OverlapStore } from './overlap-store.js';
import { declareSgdepthParameters, type SgdepthOptions } from './sgdepth.js';
import { compileLabeller, type Labeller } from './sgdepth-labeller.js';
import {
  isMasking,
  methodOf,
  parseSgdepthRunOptions,
  SGDEPTH_OPTION_NAMES,
  type SgdepthRunOptions,
  scheduleOf,
} from './sgdepth-options.js';
import { compileSgdepthStep, type SgdepthStep } from './sgdepth-step.js';
import { SGDEPTH_VALIDATIONS, SgdepthValidator } from './sgdepth-validator.js';

export interface SgdepthRun extends EngineChoice {
  readonly folder: string;
  /** Where prepared data are kept; shared by runs with the same data. */
  readonly dataFolder: string;
  readonly options: SgdepthRunOptions;
  /** Folder of the weights that a fresh run starts from, as `readStartingWeights` finds them; the others are drawn. */
  readonly from?: string | undefined;
  /** Published weights of the encoder that a fresh run starts from. */
  readonly encoder?: EncoderFile | undefined;
  readonly threads: number;
  /** Steps between validations, pictures and checkpoints. */
  readonly every: number;
  readonly signal: AbortSignal;
  /** Progress for people, one line without its end. */
  report(line: string): void;
}

/** What a run's data come to. */
interface RunData {
  readonly target: PreparedTarget;
  readonly source?: PreparedSource;
  readonly stepsPerEpoch: number;
  readonly triplets: number;
}

/**
 * Trains SGDepth, from where the folder's checkpoint left off.
 * @returns the state after the last step taken, which may be before the end when the signal was aborted.
 */
export async function runSgdepth(run: SgdepthRun): Promise<RunState> {
  checkEngineChoice(run);
  const { folder, options, signal } = run;
  await openRunFolder({ folder, options, parse: parseSgdepthRunOptions, ...SGDEPTH_OPTION_NAMES });
  // Before the data: a checkpoint that cannot be resumed shows now.
  const state = await RunState.open(path.join(folder, 'checkpoint'), sgdepthDefinition(options, run));
  const data = await prepareData(run);
  if (data === undefined) {
    run.report(`not trained yet; the data made so far are kept in ${run.dataFolder}`);
    return state;
  }
  const log = await RunLog.open(path.join(folder, 'log.csv'), state.step, {
    steps: ['photometric', 'smoothness', 'explained', 'segmentation', 'masked', 'overlap', 'static'],
    validations: SGDEPTH_VALIDATIONS,
  });
  if (!isComplete(state) && !signal.aborted) await trainSteps(run, state, data, log);
  await state.save();
  await log.close();
  return state;
}

/** Whether a run has taken all its steps. */
export function isComplete({ step, memory }: RunState): boolean {
  const [steps] = memory.steps ?? [];
  return steps !== undefined && step >= steps;
}

/** The parameters of a run; drawn, but for those that `from` has. */
export function sgdepthDefinition(
  options: SgdepthRunOptions,
  { from, encoder, report }: Partial<Pick<SgdepthRun, 'from' | 'encoder' | 'report'>> = {},
): RunDefinition {
  const method = methodOf(options, options.source === undefined ? undefined : []);
  const specs = declaredParameters((image) => declareSgdepthParameters(image, method));
  return {
    specs,
    optimizer: { clipNorm: 10 },
    start: async () => {
      const drawn = initialParameters(specs, options.seed);
      if (encoder !== undefined) {
        const taken = takeEncoder(encoder, specs);
        report?.(taken.report);
        return new Map([...drawn, ...taken.parameters]);
      }
      if (from === undefined) return drawn;
      const given = await readStartingWeights(from, specs, options.parentParts ?? NETWORK_PARTS);
      report?.(`${from} gives ${given.size} of ${specs.length} parameters; the others are drawn`);
      return new Map([...drawn, ...given]);
    },
  };
}

async function prepareData(run: SgdepthRun): Promise<RunData | undefined> {
  const { options, signal } = run;
  const preparation = {
    width: options.width,
    height: options.height,
    seed: options.dataSeed,
    folder: run.dataFolder,
    workers: os.availableParallelism(),
    signal,
    report: run.report,
  };
  const target = await prepareTarget(options.target, preparation);
  const source = options.source === undefined ? undefined : await prepareSource(options.source, preparation);
  if (signal.aborted) return undefined;
  const opened = new StoredTriplets(target.training);
  const triplets = opened.count;
  opened.close();
  if (triplets < options.targetBatch) {
    throw new TrainingError(
      `${options.target}: expected at least \`${options.targetBatch}\` triplets, one batch, got ${triplets}`,
    );
  }
  return {
    target,
    ...(source === undefined ? {} : { source }),
    triplets,
    stepsPerEpoch: stepsPerEpoch(triplets, options.targetBatch),
  };
}

async function trainSteps(run: SgdepthRun, state: RunState, data: RunData, log: RunLog): Promise<void> {
  const { options, signal, threads } = run;
  const { width, height } = options;
  const method = methodOf(options, data.source === undefined ? undefined : await classWeights(data.source));
  const size = { targets: options.targetBatch, width, height };
  const engine = await chooseEngine(run, (line) => run.report(line));
  run.report(
    `${engine.name} at ${width}x${height}, batch ${options.targetBatch} + ${data.source === undefined ? 0 : options.sourceBatch}`,
  );
  const compiled = await compileSgdepthStep(state.parameters, {
    ...{ ...size, method, threads, engine },
    sources: options.sourceBatch,
    masks: isMasking(options),
  });
  const labeller = isMasking(options)
    ? await compileLabeller(state.parameters, size, method, threads)
    : undefined;
  const validator = await SgdepthValidator.create({
    heldOut: data.target.heldOut,
    parameters: state.parameters,
    ...{ method, width, height, threads },
  });
  const batching = batchesOf(options, data, method);
  const [known] = state.memory.steps ?? [];
  const steps = known ?? (await stepsOf(run, data, batching, { compiled, labeller }));
  if (known === undefined) {
    state.memory = { ...state.memory, steps: [steps], focalPixels: [await focalPixelsOf(data.target)] };
  }
  const schedule = scheduleOf(options, steps, data.stepsPerEpoch);
  const overlaps =
    schedule === undefined ? undefined : new OverlapStore(data.triplets, schedule, savedOverlaps(state));
  const validate = async () => {
    const file = path.join(run.folder, 'panels', `step-${String(state.step).padStart(6, '0')}.png`);
    state.metrics = await validator.run(file);
    log.validation(state.step, state.metrics);
    run.report(`step ${state.step}: validation ${describe(state.metrics)}`);
  };
  const batches = options.accumulate ?? 1;
  const loader = loadJointBatches(batching, state.step * batches);
  const began = performance.now();
  const firstStep = state.step;
  const secondsBefore = state.trainedSeconds;
  try {
    if (state.step === 0) await validate();
    state.step = await train<JointBatch>({
      parameters: state.parameters,
      firstStep,
      lastStep: steps,
      batchesPerStep: batches,
      nextBatch: (index) => loader.next(index),
      recycle: (index, used) => loader.recycle(index, used),
      compute: async (index, batch) => {
        if (overlaps === undefined || labeller === undefined) return compiled.step(batch);
        overlaps.enterEpoch(Math.floor(index / data.stepsPerEpoch));
        const isStatic = Float32Array.from(batch.triplets, (triplet) => (overlaps.isStatic(triplet) ? 1 : 0));
        const result = await compiled.step(batch, { ...(await labeller.label(batch)), isStatic });
        batch.triplets.forEach((triplet, i) => {
          overlaps.set(triplet, result.overlaps?.[i] ?? Number.NaN);
        });
        return withStaticShare(result, isStatic);
      },
      optimizer: state.optimizer,
      learningRate: (step) => droppedLearningRate(step, { peak: options.learningRate, steps }),
      statisticsMomentum: BATCH_NORM_MOMENTUM,
      signal,
      onStep: async (report) => {
        state.step = report.step;
        state.trainedSeconds = secondsBefore + (performance.now() - began) / 1000;
        if (overlaps !== undefined) state.memory = { ...state.memory, ...memoryOf(overlaps) };
        log.add(report);
        if (report.step % 20 === 0 || report.step === steps) {
          run.report(log.summary(report.step, steps, firstStep, began));
        }
        if (report.step % run.every === 0 || report.step === steps) {
          await validate();
          await state.save();
          await log.flush();
        }
        // Let signals and messages in: the step itself blocks.
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
  } finally {
    await loader.close();
    await compiled.release();
    await labeller?.release();
    await validator.release();
  }
}

/** Share of a run's minutes for validations, pictures and checkpoints. */
const OVERHEAD = 0.1;
/** Steps that are timed, after one to warm up. */
const TIMED_STEPS = 4;

/** How many steps a run takes. Minutes are turned into steps by timing some that change nothing. */
async function stepsOf(
  { options, report }: SgdepthRun,
  { stepsPerEpoch: batchesPerEpoch }: RunData,
  batching: JointBatchesOptions,
  { compiled, labeller }: { compiled: SgdepthStep; labeller: Labeller | undefined },
): Promise<number> {
  const { length, accumulate = 1 } = options;
  if ('steps' in length) return length.steps;
  if ('epochs' in length) return Math.max(1, Math.round((length.epochs * batchesPerEpoch) / accumulate));
  const maker = new JointBatchMaker(batching);
  let began = performance.now();
  for (let step = 0; step <= TIMED_STEPS; step++) {
    const batch = await maker.make(step);
    if (step === 1) began = performance.now();
    const labels = await labeller?.label(batch);
    const isStatic = new Float32Array(options.targetBatch);
    await compiled.step(batch, labels && { ...labels, isStatic });
  }
  maker.close();
  const stepMs = ((performance.now() - began) / TIMED_STEPS) * accumulate;
  const steps = Math.max(1, Math.floor(((1 - OVERHEAD) * length.minutes * 60_000) / stepMs));
  report(`${stepMs.toFixed(0)} ms a step: ${steps} steps in ${length.minutes} minutes`);
  return steps;
}

/** Median focal length of the target's pictures. */
async function focalPixelsOf({ training }: PreparedTarget): Promise<number> {
  const triplets = new StoredTriplets(training);
  const focals: number[] = [];
  for (let i = 0; i < triplets.count; i += Math.ceil(triplets.count / 50)) {
    focals.push((await triplets.read(i)).intrinsics.fx);
  }
  triplets.close();
  return median(focals);
}

function withStaticShare(result: StepResult, isStatic: Float32Array): StepResult {
  const share = isStatic.reduce((sum, flag) => sum + flag, 0) / isStatic.length;
  return { ...result, metrics: { ...result.metrics, static: share } };
}

function batchesOf(options: SgdepthRunOptions, data: RunData, method: SgdepthOptions): JointBatchesOptions {
  const planes = {
    width: options.width,
    height: options.height,
    ...inputNormalization(method.network),
  };
  const targetBatch: TripletBatchOptions = {
    ...planes,
    targets: options.targetBatch,
    augmentation: SGDEPTH_AUGMENTATION,
  };
  return {
    target: data.target.training,
    targetBatch,
    seed: options.seed,
    ...(data.source === undefined
      ? {}
      : {
          source: {
            samples: data.source.samples,
            batch: {
              ...planes,
              batchSize: options.sourceBatch,
              targetStep: 2 ** method.network.outputScale,
              canonicalFocalPixels: 1, // depth of the source is not used
              minMeters: method.minMeters,
              maxMeters: method.maxMeters,
              augmentation: { ...SGDEPTH_AUGMENTATION, crop: data.source.crop },
            },
          },
        }),
  };
}

/**
 * ENet's weights by the pixels of some hundred samples, scaled to a mean of 1 over these pixels: the cross-entropy then is
 * that of PyTorch, which divides by the weights that it sums, but for the differences between batches.
 */
async function classWeights({ samples }: PreparedSource): Promise<number[]> {
  const counts = new Array<number>(256).fill(0);
  const source: LabelledSource = new StoredSamples(samples);
  for (let i = 0; i < Math.min(300, source.count); i++) {
    for (const label of (await source.read(i)).labels) counts[label] = (counts[label] ?? 0) + 1;
  }
  source.close();
  const known = counts.slice(0, 19);
  const weights = enetClassWeights(known);
  const total = known.reduce((sum, count) => sum + count, 0);
  const mean = known.reduce((sum, count, id) => sum + (count * (weights[id] ?? 0)) / Math.max(1, total), 0);
  return weights.map((weight) => weight / Math.max(mean, Number.EPSILON));
}

function memoryOf(overlaps: OverlapStore): RunState['memory'] {
  const { threshold, epoch, overlaps: values } = overlaps.save();
  return { overlaps: values, threshold: [threshold], epoch: [epoch] };
}

function savedOverlaps({ memory }: RunState): ConstructorParameters<typeof OverlapStore>[2] {
  const { overlaps, threshold: [threshold] = [], epoch: [epoch] = [] } = memory;
  if (overlaps === undefined || threshold === undefined || epoch === undefined) return undefined;
  return { overlaps, threshold, epoch };
}

function describe(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
    .join('  ');
}
