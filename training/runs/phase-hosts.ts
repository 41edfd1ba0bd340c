import { batchCounts } from './batch-counts.js';
import { batchesPerStep } from './batches-per-step.js';
import type { HostContext, HostState } from './host-state.js';
import type { PhaseRun } from './phase-run.js';
import type { Run } from './run-setup.js';

/** What lives on the host during a phase. @param steps of the whole run. */
export async function hostsOf(
  { method, run, state, data, phase }: PhaseRun,
  steps: number,
): Promise<readonly HostState[]> {
  const [size] = phase.shapes;
  if (method.host === undefined || size === undefined) return [];
  const counts = batchCounts(method, run.options, phase);
  return method.host(run.options, {
    ...{ facts: data.facts, parameters: state.parameters, size, steps, ...besideSteps(run) },
    ...{ batchesPerStep: batchesPerStep(run.options, phase), batchesPerEpoch: data.batchesPerEpoch(counts) },
    counts,
    phase: phase.name,
  });
}

/** Where host states and the validator compute: where the compiled step does, on the CPU beside eager steps. */
export function besideSteps({ threads, device, eager }: Run): Pick<HostContext, 'threads' | 'device'> {
  return { threads, ...(eager === undefined && { device }) };
}
