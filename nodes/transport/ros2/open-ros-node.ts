import { readFileSync } from 'node:fs';
import { NodeError } from '../../errors.js';
import { loadRclnodejs } from './load-rclnodejs.js';
import { parameterOverrides } from './parameter-overrides.js';
import { RclNode } from './rcl-node.js';
import type { RclLifecycleNode, Rclnodejs } from './rclnodejs.js';

export interface OpenedRosNode {
  readonly rcl: Rclnodejs;
  readonly node: RclLifecycleNode;
  readonly ros: RclNode;
  /** What the command line and its parameter files say, by parameter; `use_sim_time` is already taken. */
  readonly overrides: ReadonlyMap<string, unknown>;
}

/**
 * Joins the ROS 2 graph. Name, namespace and remappings of the command line apply.
 * @param args with `--ros-args ...`, without the program
 * @throws NodeError saying what to run when ROS 2 or rclnodejs is missing
 */
export async function openRosNode(name: string, args: readonly string[]): Promise<OpenedRosNode> {
  const rcl = await loadRclnodejs();
  await rcl.init(undefined, ['node', name, ...args]);
  rcl.removeSignalHandlers();
  const node = new rcl.lifecycle.LifecycleNode(name);
  const ros = new RclNode(rcl, node);
  const overrides = new Map(parameterOverrides(args, ros.name, readText));
  const simulated = overrides.get('use_sim_time');
  overrides.delete('use_sim_time');
  if (typeof simulated === 'boolean') ros.useSimTime(simulated);
  return { rcl, node, ros, overrides };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NodeError(`the parameter file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
