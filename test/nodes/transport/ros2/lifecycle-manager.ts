import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { type BondStatus, bondStatusCodec } from '../../../../msgs/bond-status.js';
import { nsToStamp } from '../../../../msgs/stamp.js';
import { openRosNode } from '../../../../nodes/transport/ros2/open-ros-node.js';
import { RELIABLE } from '../../../../nodes/transport/ros2/qos.js';

export interface ManagerOptions {
  /** As Nav2's parameter `node_names`. */
  readonly nodes: readonly string[];
  /** As `bond_timeout`, seconds; 0: no bonds. */
  readonly bondTimeout: number;
}

/**
 * `node lifecycle-manager.js JSON`: what Nav2's lifecycle manager of ROS 2 Jazzy does with its nodes, as a process of its own.
 * It starts them up at once, says what happens, one line each, and ends them on the line `shutdown`.
 *
 * Source: navigation2, branch jazzy, nav2_lifecycle_manager/src/lifecycle_manager.cpp (order of the calls, bonds after
 * activate, what a broken bond leads to, connection to nodes that come back), nav2_util/src/lifecycle_service_client.cpp, and
 * bond_core, branch ros2, bondcpp/src/bond.cpp with bond/BondSM.sm.
 */
const [json = '', ...rosArgs] = process.argv.slice(2);
const { nodes, bondTimeout } = JSON.parse(json) as ManagerOptions;
const { node, ros } = await openRosNode('lifecycle_manager', rosArgs);

/** Source: lifecycle_msgs/Transition and State. */
const TRANSITION = { configure: 1, cleanup: 2, activate: 3, deactivate: 4, shutdown: 5 } as const;
const RESULT = { configure: 2, cleanup: 1, activate: 3, deactivate: 2, shutdown: 4 } as const;
type Transition = keyof typeof TRANSITION;

const HEARTBEAT_MS = 100;
const CHECK_MS = 200;
const RESPAWN_MS = 1000;
/** Nav2 waits 5 s for a state, and without an end for a change of it. */
const STATE_MS = 15_000;
const CHANGE_MS = 60_000;

const say = (text: string) => process.stdout.write(`${text}\n`);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One side of a bond: the states and transitions of BondSM.sm. */
class Bond {
  state: 'waiting' | 'alive' | 'awaiting death' | 'dead' = 'waiting';
  readonly #id: string;
  readonly #instance = randomUUID();
  readonly #beat: NodeJS.Timeout;
  #silence: NodeJS.Timeout | undefined;

  constructor(id: string) {
    this.#id = id;
    this.#beat = setInterval(() => this.#beatOnce(), HEARTBEAT_MS);
  }

  hear({ id, instance_id, active }: BondStatus): void {
    if (id !== this.#id || instance_id === this.#instance) return;
    if (!active) {
      const diedFirst = this.state !== 'awaiting death';
      this.#die();
      if (diedFirst) this.#publish(false);
    } else if (this.state === 'waiting' || this.state === 'alive') {
      this.state = 'alive';
      clearTimeout(this.#silence);
      this.#silence = setTimeout(() => this.#die(), bondTimeout * 1000);
    }
  }

  end(): void {
    clearTimeout(this.#silence);
    if (this.state === 'alive') this.state = 'awaiting death';
    else this.#die();
    this.#publish(false);
    // Its destructor gives the other side a moment.
    setTimeout(() => this.#die(), 2000).unref();
  }

  #beatOnce(): void {
    this.#publish(this.state === 'waiting' || this.state === 'alive');
  }

  #die(): void {
    this.state = 'dead';
    clearTimeout(this.#silence);
    clearInterval(this.#beat);
  }

  #publish(active: boolean): void {
    const logTimeNs = ros.nowNs();
    const cdr = bondStatusCodec.encode({
      header: { stamp: nsToStamp(logTimeNs), frame_id: '' },
      ...{ id: this.#id, instance_id: this.#instance, active },
      ...{ heartbeat_timeout: bondTimeout, heartbeat_period: HEARTBEAT_MS / 1000 },
    });
    void ros.publish({ topic: 'bond', cdr, logTimeNs });
  }
}

const bonds = new Map<string, Bond>();
ros.announce({ topic: 'bond', type: bondStatusCodec.type }, { ...RELIABLE, depth: 5 });
ros
  .messages<BondStatus>('bond', bondStatusCodec.type, { ...RELIABLE, depth: 100 })
  .subscribe(({ message }) => {
    for (const bond of bonds.values()) bond.hear(message);
  });
node.spin();

async function stateOf(name: string): Promise<number> {
  const answer = await ros.call<{ current_state: { id: number } }>(
    `${name}/get_state`,
    'lifecycle_msgs/srv/GetState',
    {},
    STATE_MS,
  );
  return answer.current_state.id;
}

async function change(name: string, transition: Transition): Promise<boolean> {
  const asked = { transition: { id: TRANSITION[transition], label: '' } };
  try {
    const { success } = await ros.call<{ success: boolean }>(
      `${name}/change_state`,
      'lifecycle_msgs/srv/ChangeState',
      asked,
      CHANGE_MS,
    );
    if (!success || (await stateOf(name)) !== RESULT[transition]) throw new Error('it was refused');
  } catch (error) {
    say(`failed to ${transition} ${name}: ${(error as Error).message}`);
    return false;
  }
  if (transition === 'activate') return await formBond(name);
  if (transition === 'deactivate') {
    bonds.get(name)?.end();
    bonds.delete(name);
  }
  return true;
}

async function formBond(name: string): Promise<boolean> {
  if (bondTimeout <= 0 || bonds.has(name)) return true;
  const bond = new Bond(name);
  bonds.set(name, bond);
  const endMs = performance.now() + (bondTimeout * 1000) / 2;
  while (bond.state === 'waiting' && performance.now() < endMs) await sleep(10);
  say(bond.state === 'waiting' ? `${name} was unable to be reached by bond` : `${name} connected with bond`);
  return bond.state !== 'waiting';
}

async function changeAll(transition: Transition, hard = false): Promise<boolean> {
  const up = transition === 'configure' || transition === 'activate';
  for (const name of up ? nodes : [...nodes].reverse()) {
    if (!(await change(name, transition)) && !hard) return false;
  }
  return true;
}

let active = false;
async function startUp(): Promise<void> {
  active = (await changeAll('configure')) && (await changeAll('activate'));
  say(active ? 'all nodes are active' : 'the nodes could not be brought up');
}

async function checkBonds(): Promise<void> {
  const broken = active ? nodes.find((name) => bonds.get(name)?.state === 'dead') : undefined;
  if (broken === undefined) return;
  say(`${broken} is down, shutting down related nodes`);
  active = false;
  for (const name of [...nodes].reverse()) {
    // Of a node that is gone nobody answers; waiting for it in full would only slow the test.
    if (name !== broken) {
      await change(name, 'deactivate');
      await change(name, 'cleanup');
    }
  }
  bonds.clear();
  for (;;) {
    await sleep(RESPAWN_MS);
    try {
      for (const name of nodes) await stateOf(name);
      break;
    } catch {
      say('the nodes are not back yet');
    }
  }
  await startUp();
}

// Nav2 waits for the services of each node.
for (const name of nodes) {
  while ((await stateOf(name).catch(() => undefined)) === undefined) await sleep(CHECK_MS);
}
await startUp();
void (async () => {
  for (;;) {
    await sleep(CHECK_MS);
    await checkBonds();
  }
})();
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line !== 'shutdown') return;
  active = false;
  void (async () => {
    for (const transition of ['deactivate', 'cleanup', 'shutdown'] as const) await changeAll(transition);
    say('all nodes were shut down');
  })();
});
