import path from 'node:path';
import { BatchMaker } from '../datasets/batches/batch-maker.js';
import { shapeOfStep } from '../datasets/batches/batch-order.js';
import { type BatchArrays, type BatchSchema, checkRanges } from '../datasets/batches/batch-schema.js';
import { loadBatches } from '../datasets/batches/load-batches.js';
import { TrainingError } from '../errors.js';
import { declaredParameters } from '../weights/network-parameters.js';
import { initialParameters } from '../weights/parameters.js';
import type { EncoderFile } from '../weights/published/encoder-file.js';
import { takeEncoder } from '../weights/published/take-encoder.js';
import { batchCounts } from './batch-counts.js';
import { hasCheckpoint } from './checkpoint.js';
import { type CompiledUpdate, compileUpdate } from './compiled-update.js';
import { parseOptions } from './complete-options.js';
import type { Facts, Size } from './data-role.js';
import { checkEngineChoice, chooseEngine, type Engine, type EngineChoice } from './engine.js';
import { HealthMonitor } from './health/health-monitor.js';
import type { HostContext, HostState } from './host-state.js';
import type { Inspection, Length, Method, Phase, Update } from './method.js';
import { flagNames } from './option.js';
import { letterSizes, prepareRunData, type RunData } from './run-data.js';
import { holdRunFolder, openRunFolder, RUN_FLAGS } from './run-folder.js';
import { RunLog } from './run-log.js';
import type { RunOptions } from './run-options.js';
import { type RunDefinition, RunState } from './run-state.js';
import { readStartingWeights } from './starting-weights.js';
import { train } from './trainer.js';
import { Validator } from './validator.js';

export interface Run extends EngineChoice {
  readonly folder: string;
  /** Where prepared data are kept; shared by runs with the same data. */
  readonly dataFolder: string;
  readonly options: RunOptions;
  /** Folder of the weights that a fresh run starts from, as `readStartingWeights` finds them; the others are drawn. */
  readonly from?: string | undefined;
  /** Published weights that a fresh run's encoder starts from. */
  readonly encoder?: EncoderFile | undefined;
  readonly threads: number;
  /** Steps between validations and checkpoints. */
  readonly every: number;
  readonly signal: AbortSignal;
  /** Progress for people, one line without its end. */
  report(line: string): void;
}

/** Where the checkpoint of a run is. */
export const checkpointOf = (folder: string) => path.join(folder, 'checkpoint');

/**
 * Trains by a method, from where the folder's checkpoint left off; one process at a time in a folder.
 * @returns the state after the last step taken, which may be before the end when the signal was aborted.
 */
export async function runMethod(method: Method, run: Run): Promise<RunState> {
  checkEngineChoice(run);
  const lock = await holdRunFolder(run.folder);
  try {
    return await runIn(method, run);
  } finally {
    await lock.release();
  }
}

async function runIn(method: Method, run: Run): Promise<RunState> {
  const { folder, options, signal } = run;
  await openRunFolder({
    folder,
    options: { method: method.name, ...options },
    parse: (saved, file) => readOptions(method, saved, file),
    flags: { ...flagNames(method.options), ...RUN_FLAGS },
  });
  // Before the data: a checkpoint that cannot be resumed shows now.
  const state = await RunState.open(checkpointOf(folder), definitionOf(method, options, run));
  const preparation = { folder: run.dataFolder, signal, report: run.report };
  const data = await prepareRunData(method, options, preparation, state.facts);
  if (data === undefined || signal.aborted) {
    run.report(`not trained yet; the data made so far are kept in ${run.dataFolder}`);
    return state;
  }
  state.facts = data.facts;
  const phases = method.phases(options, data.facts);
  const log = await RunLog.open(path.join(folder, 'log.csv'), state.step, {
    steps: [...method.metrics, ...adversaryColumns(phases)],
    validations: [
      ...new Set(phases.flatMap((phase) => inspectionOf(method, options, data.facts, phase).metrics)),
    ],
  });
  const health = new HealthMonitor(method.health?.(options));
  health.restore(state.host[HEALTH] ?? {});
  try {
    let end = 0;
    for (const [at, phase] of phases.entries()) {
      if (state.plan.length === 0) state.plan = planOf(method, phases, data, options);
      const steps = state.plan[at];
      end += steps ?? 0;
      if ((steps !== undefined && state.step >= end) || signal.aborted) continue;
      await runPhase({ method, run, state, data, log, health, phase, first: end - (steps ?? 0), at });
    }
    await save(state, health, run);
  } finally {
    await log.close();
  }
  return state;
}

/** Name of the health's state among the host states. */
const HEALTH = 'health';

/** What the log has of every update where a step has several. */
function adversaryColumns(phases: readonly Phase[]): string[] {
  const names = phases.flatMap(({ updates }) => (updates.length > 1 ? updates.map(({ name }) => name) : []));
  return [...new Set(names)].flatMap((name) => [`${name}.loss`, `${name}.gradientNorm`]);
}

/** Writes the checkpoint, unless the training looks as if an earlier one were better. */
async function save(state: RunState, health: HealthMonitor, { report }: Pick<Run, 'report'>): Promise<void> {
  const suspicion = health.suspicion(state.parameters);
  if (suspicion === undefined) await state.save();
  else report(`step ${state.step} is not kept, the checkpoint before it stays: ${suspicion}`);
}

/** Options as a run of the method saved them. @throws TrainingError when they are of another method. */
export function readOptions(method: Method, saved: unknown, file: string): RunOptions & { method: string } {
  const { method: name, ...options } = (typeof saved === 'object' && saved !== null ? saved : {}) as Record<
    string,
    unknown
  >;
  if (name !== undefined && name !== method.name) {
    throw new TrainingError(
      `${file} belongs to a run of \`train ${name}\`, not of \`train ${method.name}\`.`,
      { file },
    );
  }
  return { method: method.name, ...parseOptions(method, options, file) };
}

/** The parameters of a run; drawn, but for those that `from` has. */
export function definitionOf(
  method: Method,
  options: RunOptions,
  { from, encoder, report }: Partial<Pick<Run, 'from' | 'encoder' | 'report'>> = {},
): RunDefinition {
  const specs = declaredParameters((scope, image) => method.declare(scope, image, options));
  const updates = method.phases(options, {}).flatMap((phase) => phase.updates);
  return {
    specs,
    optimizers: Object.fromEntries(updates.map(({ name, optimizer }) => [name, optimizer])),
    start: async () => {
      const drawn = initialParameters(specs, options.seed);
      if (encoder !== undefined) {
        const taken = takeEncoder(encoder, specs);
        report?.(taken.report);
        return new Map([...drawn, ...taken.parameters]);
      }
      const networks = method.networks(options);
      const required = method.startsFrom?.(options) ?? [];
      if (from === undefined) {
        if (required.length === 0) return drawn;
        throw new TrainingError(
          `train ${method.name}: with these options it trains nothing of \`${required.join('`, `')}\`: expected \`--init\` with a run or model that has them.`,
        );
      }
      const { parentParts: parts } = options;
      const given = await readStartingWeights(from, specs, { networks, parts, required }, report);
      return new Map([...drawn, ...given]);
    },
  };
}

/** Steps of every phase; none where a phase goes by minutes, which a measurement turns into steps. */
function planOf(
  method: Method,
  phases: readonly Phase[],
  { batchesPerEpoch }: RunData,
  options: RunOptions,
): number[] {
  const steps = (phase: Phase): number[] => {
    const { length } = phase;
    if ('steps' in length) return [length.steps];
    if (!('epochs' in length)) return [];
    const epoch = batchesPerEpoch(batchCounts(method, options, phase));
    return [Math.max(1, Math.round((length.epochs * epoch) / options.accumulate))];
  };
  const plan = phases.flatMap(steps);
  if (plan.length < phases.length && phases.length > 1) {
    throw new TrainingError('expected `minutes` in a method with one phase alone: give steps or epochs');
  }
  return plan;
}

interface PhaseRun {
  readonly method: Method;
  readonly run: Run;
  readonly state: RunState;
  readonly data: RunData;
  readonly log: RunLog;
  readonly health: HealthMonitor;
  readonly phase: Phase;
  /** The phase's first step, and its place. */
  readonly first: number;
  readonly at: number;
}

async function runPhase(phaseRun: PhaseRun): Promise<void> {
  const { method, run, state, data, log, health, phase, first } = phaseRun;
  const { options, signal } = run;
  const [size] = phase.shapes;
  if (size === undefined)
    throw new TrainingError(`${method.name}: a phase has at least one shape of pictures`);
  const engine = await chooseEngine(run, (line) => run.report(line));
  const updates = await compileUpdates(phaseRun, engine);
  const validator = await validatorOf(phaseRun, size);
  let hosts: readonly HostState[] = [];
  try {
    if (state.plan.length === 0) state.plan = [await measuredSteps(phaseRun, updates)];
    const { steps } = state;
    const phaseSteps = state.plan[phaseRun.at] ?? 0;
    const end = first + phaseSteps;
    if (state.step === first) health.reset();
    hosts = await hostsOf(phaseRun, steps);
    for (const host of hosts) host.restore(state.host[host.name] ?? {});
    const validate = async () => {
      const name = `step-${String(state.step).padStart(6, '0')}.png`;
      state.metrics = await validator.run(path.join(run.folder, 'panels', name));
      log.validation(state.step, state.metrics);
      run.report(`step ${state.step}: validation ${describe(state.metrics)}`);
    };
    const began = performance.now();
    const [firstStep, secondsBefore] = [state.step, state.trainedSeconds];
    const isFresh = state.step === 0;
    if (isFresh && inspectionOf(method, options, data.facts, phase).untrained) await validate();
    const loader = loadBatches(
      data.batches(phase.shapes, batchCounts(method, options, phase)),
      state.step * options.accumulate,
    );
    let checked = false;
    try {
      state.step = await train<BatchArrays>({
        parameters: state.parameters,
        firstStep,
        lastStep: end,
        batchesPerStep: options.accumulate,
        nextBatch: async (index) => {
          const batch = await loader.next(index);
          if (!checked) checkRanges(method.batch, batch);
          checked = true;
          return batch;
        },
        recycle: (index, used) => loader.recycle(index, used),
        updates: phase.updates.map((update, at) => ({
          name: update.name,
          compute: (index, batch) => compute(updates[at] ?? [], hosts, batch, index, update.name),
          optimizer: optimizerOf(state, update.name),
          learningRate: (step) => update.learningRate({ step, steps, phaseStep: step - first, phaseSteps }),
        })),
        statisticsMomentum: method.statisticsMomentum,
        signal,
        onStep: async (report) => {
          state.step = report.step;
          state.trainedSeconds = secondsBefore + (performance.now() - began) / 1000;
          log.add(report);
          const illness = health.observe(report);
          if (illness !== undefined) throw givenUp(phaseRun, illness);
          if (report.step % 20 === 0 || report.step === end || report.step === firstStep + 1) {
            run.report(log.summary(report.step, steps, firstStep, began));
          }
          if (report.step % run.every === 0 || report.step === end) {
            await validate();
            remember(state, hosts, health);
            await save(state, health, run);
            await log.flush();
          }
          // Let signals and messages in: the step itself blocks.
          await new Promise((resolve) => setImmediate(resolve));
        },
      });
      remember(state, hosts, health);
    } finally {
      await loader.close();
    }
  } finally {
    for (const host of hosts) await host.release();
    for (const shapes of updates) for (const compiled of shapes) await compiled.release();
    await validator.release();
  }
}

/** Every update for every shape. */
async function compileUpdates(
  { method, run, state, data, phase }: PhaseRun,
  engine: Engine,
): Promise<CompiledUpdate[][]> {
  const { options, threads, report } = run;
  const counts = batchCounts(method, options, phase);
  const hosts = Object.keys(method.batch).filter((name) => !isOfRole(method, name));
  const present = method.hostFields?.(options, phase.name) ?? hosts;
  const updates: CompiledUpdate[][] = [];
  for (const update of phase.updates) {
    const shapes: CompiledUpdate[] = [];
    for (const size of phase.shapes) {
      const { width, height } = size;
      report(
        `${engine.name}${phase.updates.length > 1 ? ` of ${update.name}` : ''} at ${width}x${height}, batch ${Object.values(counts).filter(Boolean).join(' + ')}`,
      );
      shapes.push(
        await compileUpdate({
          ...{
            parameters: state.parameters,
            update,
            frozen: phase.frozen,
            schema: readBy(update, method.batch),
          },
          ...{
            sizes: letterSizes(method, options, size, counts),
            fields: [...data.fields(counts), ...present],
            threads,
            engine,
          },
        }),
      );
    }
    updates.push(shapes);
  }
  return updates;
}

/** Of the batch what an update reads. */
function readBy({ reads }: Update, batch: BatchSchema): BatchSchema {
  if (reads === undefined) return batch;
  return Object.fromEntries(Object.entries(batch).filter(([name]) => reads.includes(name)));
}

function isOfRole(method: Method, field: string): boolean {
  return Object.values(method.data).some(({ names }) => Object.values<unknown>(names).includes(field));
}

async function compute(
  shapes: readonly CompiledUpdate[],
  hosts: readonly HostState[],
  batch: BatchArrays,
  index: number,
  update: string,
) {
  const compiled = shapes[shapeOfStep(index, shapes.length)];
  if (compiled === undefined) throw new RangeError('a phase has at least one shape');
  let whole = batch;
  for (const host of hosts) whole = { ...whole, ...(await host.before(batch, index, update)) };
  const result = await compiled.step(whole);
  let { metrics } = result;
  for (const host of hosts) metrics = { ...metrics, ...host.after(result, whole) };
  return { ...result, metrics };
}

function optimizerOf(state: RunState, name: string) {
  const optimizer = state.optimizers[name];
  if (optimizer === undefined) throw new RangeError(`update \`${name}\` has no optimizer`);
  return optimizer;
}

function remember(state: RunState, hosts: readonly HostState[], health: HealthMonitor): void {
  const saved = Object.fromEntries(hosts.map((host) => [host.name, host.save()]));
  state.host = { ...state.host, ...saved, [HEALTH]: health.save() };
}

function givenUp({ method, run, state }: PhaseRun, illness: string): TrainingError {
  const checkpoint = checkpointOf(run.folder);
  const kept = hasCheckpoint(checkpoint)
    ? `The checkpoint in ${checkpoint} is of before that and stays as it was`
    : 'There is no checkpoint yet';
  return new TrainingError(
    `train ${method.name} stops after step ${state.step}: ${illness}. ${kept}; ` +
      '`log.csv` has the losses and gradient norms. Try a lower learning rate, or another weight of the adversarial loss, in a new folder.',
  );
}

async function hostsOf({ method, run, state, data, phase }: PhaseRun, steps: number) {
  const [size] = phase.shapes;
  if (method.host === undefined || size === undefined) return [];
  const counts = batchCounts(method, run.options, phase);
  return method.host(run.options, {
    ...{ facts: data.facts, parameters: state.parameters, size, steps, ...besideSteps(run) },
    ...{ batchesPerStep: run.options.accumulate, batchesPerEpoch: data.batchesPerEpoch(counts), counts },
    phase: phase.name,
  });
}

/** Where host states and the validator compute: where the compiled step does, on the CPU beside eager steps. */
function besideSteps({ threads, device, eager }: Run): Pick<HostContext, 'threads' | 'device'> {
  return { threads, ...(eager === undefined && { device }) };
}

/** How a phase is measured. */
function inspectionOf(method: Method, options: RunOptions, facts: Facts, phase: Phase): Inspection {
  return phase.inspection ?? method.inspect(options, facts);
}

async function validatorOf({ method, run, state, data, phase }: PhaseRun, size: Size): Promise<Validator> {
  const inspection = inspectionOf(method, run.options, data.facts, phase);
  const own = method.data[inspection.role]?.size?.(run.options) ?? size;
  return Validator.create({
    ...{ inspection, schema: method.batch, role: data.heldOut(inspection.role, size), size: own },
    sizes: letterSizes(method, run.options, size, 1),
    ...{ parameters: state.parameters, ...besideSteps(run) },
  });
}

/** Share of a run's minutes for validations, pictures and checkpoints. */
const OVERHEAD = 0.1;
/** Steps that are timed, after one to warm up. */
const TIMED_STEPS = 4;

/** Turns minutes into steps by timing some that change nothing. */
async function measuredSteps(phaseRun: PhaseRun, updates: readonly CompiledUpdate[][]): Promise<number> {
  const { method, run, data, phase } = phaseRun;
  const { minutes } = phase.length as Extract<Length, { minutes: number }>; // others were planned before
  const hosts = await hostsOf(phaseRun, 1);
  const maker = new BatchMaker(data.batches(phase.shapes, batchCounts(method, run.options, phase)));
  let began = performance.now();
  for (let index = 0; index <= TIMED_STEPS; index++) {
    const batch = await maker.make(index);
    if (index === 1) began = performance.now();
    for (const [at, { name }] of phase.updates.entries()) {
      await compute(updates[at] ?? [], hosts, batch, index, name);
    }
  }
  maker.close();
  for (const host of hosts) await host.release();
  const stepMs = ((performance.now() - began) / TIMED_STEPS) * run.options.accumulate;
  const steps = Math.max(1, Math.floor(((1 - OVERHEAD) * minutes * 60_000) / stepMs));
  run.report(`${stepMs.toFixed(0)} ms a step: ${steps} steps in ${minutes} minutes`);
  return steps;
}

function describe(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
    .join('  ');
}
