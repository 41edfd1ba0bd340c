import type { HealthMonitor } from './health/health-monitor.js';
import type { Run } from './run-setup.js';
import type { RunState } from './run-state.js';

/** Name of the health's state among the host states. */
export const HEALTH = 'health';

/** Writes the checkpoint, unless the training looks as if an earlier one were better. */
export async function saveRun(
  state: RunState,
  health: HealthMonitor,
  { report }: Pick<Run, 'report'>,
): Promise<void> {
  const suspicion = health.suspicion(state.parameters);
  if (suspicion === undefined) await state.save();
  else report(`step ${state.step} is not kept, ${keptOf(state)}: ${suspicion}`);
}

function keptOf({ savedStep }: RunState): string {
  return savedStep === undefined ? 'there is no checkpoint yet' : `the checkpoint of step ${savedStep} stays`;
}
