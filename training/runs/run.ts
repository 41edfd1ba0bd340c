import path from 'node:path';
import { TrainingError } from '../errors.js';
import { batchCounts } from './batch-counts.js';
import { batchesPerStep } from './batches-per-step.js';
import { checkEngineChoice } from './engine.js';
import { HealthMonitor } from './health/health-monitor.js';
import type { Method, Phase } from './method.js';
import { flagNames } from './option.js';
import { inspectionOf } from './phase-inspection.js';
import { prepareRunData, type RunData } from './run-data.js';
import { definitionOf, readOptions } from './run-definition.js';
import { holdRunFolder, openRunFolder, RUN_FLAGS } from './run-folder.js';
import { RunLog } from './run-log.js';
import type { RunOptions } from './run-options.js';
import { runPhase } from './run-phase.js';
import { checkpointOf, type Run } from './run-setup.js';
import { RunState } from './run-state.js';
import { HEALTH, saveRun } from './save-run.js';

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
  // Before the data: a checkpoint that cannot be resumed shows now.
  const state = await openRunFolder(
    {
      folder,
      options: { method: method.name, ...options },
      parse: (saved, file) => readOptions(method, saved, file),
      flags: { ...flagNames(method.options), ...RUN_FLAGS },
    },
    () => RunState.open(checkpointOf(folder), definitionOf(method, options, run)),
  );
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
    await saveRun(state, health, run);
  } finally {
    await log.close();
  }
  return state;
}

/** What the log has of every update where a step has several. */
function adversaryColumns(phases: readonly Phase[]): string[] {
  const names = phases.flatMap(({ updates }) => (updates.length > 1 ? updates.map(({ name }) => name) : []));
  return [...new Set(names)].flatMap((name) => [`${name}.loss`, `${name}.gradientNorm`]);
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
    return [Math.max(1, Math.round((length.epochs * epoch) / batchesPerStep(options, phase)))];
  };
  const plan = phases.flatMap(steps);
  if (plan.length < phases.length && phases.length > 1) {
    throw new TrainingError('expected `minutes` in a method with one phase alone: give steps or epochs');
  }
  return plan;
}
