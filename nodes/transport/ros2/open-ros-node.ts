import { readFileSync } from 'node:fs';
import { NodeError } from '../../errors.js';
import { loadRclnodejs } from './load-rclnodejs.js';
import { ParameterOverrides } from './parameter-overrides.js';
import { QosOverrides } from './qos-overrides.js';
import { RclNode } from './rcl-node.js';
import type { RclLifecycleNode, Rclnodejs, RclPlainNode } from './rclnodejs.js';

export interface OpenedRosNode<N extends RclPlainNode = RclPlainNode> {
  readonly rcl: Rclnodejs;
  readonly node: N;
  readonly ros: RclNode;
  /** What the command line and its parameter files say, by parameter; `use_sim_time` is already taken. */
  readonly overrides: ReadonlyMap<string, unknown>;
}

/** rclnodejs announces the topic relatively, and the namespace would take it away from those who listen. */
const GLOBAL_EVENTS = ['--ros-args', '-r', 'parameter_events:=/parameter_events'];

/**
 * Joins the ROS 2 graph. Name, namespace and remappings of the command line apply.
 * @param args with `--ros-args ...`, without the program
 * @throws NodeError saying what to run when ROS 2 or rclnodejs is missing, or what of the command line cannot be.
 */
export async function openRosNode(name: string, args: readonly string[]): Promise<OpenedRosNode> {
  return await open(name, args, (rcl) => rcl.createNode(name));
}

/** The same for a node with a managed lifecycle. */
export async function openManagedNode(
  name: string,
  args: readonly string[],
): Promise<OpenedRosNode<RclLifecycleNode>> {
  return await open(name, args, (rcl) => new rcl.lifecycle.LifecycleNode(name));
}

async function open<N extends RclPlainNode>(
  name: string,
  args: readonly string[],
  create: (rcl: Rclnodejs) => N,
): Promise<OpenedRosNode<N>> {
  const rcl = await loadRclnodejs();
  const given = new ParameterOverrides(args, readText);
  const node = await refusedByRos(async () => {
    await rcl.init(undefined, ['node', name, ...given.others, ...GLOBAL_EVENTS]);
    rcl.removeSignalHandlers();
    return create(rcl);
  });
  const { values, unused } = given.of(node.getFullyQualifiedName());
  const qos = new QosOverrides(values);
  const ros = new RclNode(rcl, node, qos);
  for (const text of qos.ignored) ros.log.warn(`${text}: ignored`);
  for (const file of unused) ros.log.warn(`${file} has no section for ${ros.name}: nothing of it applies`);
  const overrides = new Map([...values].filter(([name]) => !QosOverrides.names(name)));
  const simulated = overrides.get('use_sim_time');
  overrides.delete('use_sim_time');
  if (typeof simulated === 'boolean') ros.useSimTime(simulated);
  else if (simulated !== undefined)
    throw new NodeError(`\`use_sim_time\`: expected \`true | false\`, got ${JSON.stringify(simulated)}`, {
      field: 'use_sim_time',
    });
  return { rcl, node, ros, overrides };
}

/** What rcl and rclnodejs throw has many lines, and places in their sources. */
async function refusedByRos<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [line = ''] = message
      .replace(/,? at \.?\/\S+:\d+/g, '')
      .trim()
      .split('\n');
    throw new NodeError(`ROS 2 refuses the node or its command line: ${line}`, { cause });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NodeError(`the parameter file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
