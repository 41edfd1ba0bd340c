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
  const wrong = new Map<string, string>();
  let values = DEFAULTS;
  for (const [name, value] of overrides) {
    const applied = applyParameters(values, new Map([[name, value]]));
    if ('values' in applied) values = applied.values;
    else if (Object.hasOwn(DEFAULTS, name)) wrong.set(name, applied.problems.get(name) ?? name);
    else log.warn(`parameter \`${name}\` is unknown and ignored`);
  }
  for (const problem of wrong.values()) log.error(`${problem}; the node cannot be configured with it`);
  return { values, wrong };
}
