import type { RosLog } from '../transport/ros2/ros-node.js';
import { applyParameters, DEFAULTS, type Parameters } from './parameters.js';

/** The values that a node starts with. */
export interface StartingParameters {
  readonly values: Parameters;
  /** Values that cannot be, by parameter: the node says so and is not configured before they are set right. */
  readonly wrong: ReadonlyMap<string, string>;
}

/** Takes what the command line and parameter files say; unknown names are only warned about, as ROS has it. */
export function startingParameters(overrides: ReadonlyMap<string, unknown>, log: RosLog): StartingParameters {
  const known = new Map<string, unknown>();
  for (const [name, value] of overrides) {
    if (Object.hasOwn(DEFAULTS, name)) known.set(name, value);
    else log.warn(`parameter \`${name}\` is unknown and ignored`);
  }
  const wrong = new Map<string, string>();
  let values = DEFAULTS;
  // Once for what is wrong by itself, once for what does not fit beside the others, and without both.
  for (let applied = applyParameters(DEFAULTS, known); ; applied = applyParameters(DEFAULTS, known)) {
    if ('values' in applied) {
      values = applied.values;
      break;
    }
    for (const [name, problem] of applied.problems) {
      wrong.set(name, problem);
      known.delete(name);
    }
  }
  for (const problem of new Set(wrong.values()))
    log.error(`${problem}; the node cannot be configured with it`);
  return { values, wrong };
}
