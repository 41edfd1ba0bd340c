import { BatchMaker } from '../datasets/batches/batch-maker.js';
import { batchCounts } from './batch-counts.js';
import { batchesPerStep } from './batches-per-step.js';
import type { CompiledUpdate } from './compiled-update.js';
import type { Length } from './method.js';
import { hostsOf } from './phase-hosts.js';
import type { PhaseRun } from './phase-run.js';
import { computeUpdate } from './phase-updates.js';

/** Share of a run's minutes for validations, pictures and checkpoints. */
const OVERHEAD = 0.1;
/** Steps that are timed, after one to warm up. */
const TIMED_STEPS = 4;

/** Turns minutes into steps by timing some that change nothing. */
export async function measuredSteps(
  phaseRun: PhaseRun,
  updates: readonly CompiledUpdate[][],
): Promise<number> {
  const { method, run, data, phase } = phaseRun;
  const { minutes } = phase.length as Extract<Length, { minutes: number }>; // others were planned before
  const hosts = await hostsOf(phaseRun, 1);
  const maker = new BatchMaker(data.batches(phase.shapes, batchCounts(method, run.options, phase)));
  let began = performance.now();
  for (let index = 0; index <= TIMED_STEPS; index++) {
    const batch = await maker.make(index);
    if (index === 1) began = performance.now();
    for (const [at, { name }] of phase.updates.entries()) {
      await computeUpdate(updates[at] ?? [], hosts, batch, index, name);
    }
  }
  maker.close();
  for (const host of hosts) await host.release();
  const stepMs = ((performance.now() - began) / TIMED_STEPS) * batchesPerStep(run.options, phase);
  const steps = Math.max(1, Math.floor(((1 - OVERHEAD) * minutes * 60_000) / stepMs));
  run.report(`${stepMs.toFixed(0)} ms a step: ${steps} steps in ${minutes} minutes`);
  return steps;
}
