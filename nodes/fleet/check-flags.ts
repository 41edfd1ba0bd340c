import { NodeError } from '../errors.js';
import type { TaskName } from './fleet-job.js';
import { FLEET_TASKS } from './tasks/fleet-tasks.js';

/** @throws NodeError naming a flag that is the fleet's to say. */
export function checkFlags(task: TaskName, flags: readonly string[], what: string): void {
  for (const flag of flags) {
    const refused = FLEET_TASKS[task].refused.find((name) => isOf(flag, name));
    if (refused !== undefined) throw new NodeError(`${what}: \`${refused}\` is no flag for every bag`);
  }
}

/** Whether an argument is a flag: `--output`, `--output=VALUE`, `-o`, and `-oVALUE` with its value attached. */
function isOf(argument: string, flag: string): boolean {
  if (argument === flag || argument.startsWith(`${flag}=`)) return true;
  return !flag.startsWith('--') && argument.startsWith(flag);
}
