import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { isPackageInstalled } from '../../../../nodes/transport/ros2/installed-package.js';
import { writeTestModel } from '../../test-model.js';
import type { ManagerOptions } from './lifecycle-manager.js';
import { endsWell, type GraphProcess, type LiveGraph, liveGraph } from './live-graph.js';

const MANAGER = fileURLToPath(new URL('./lifecycle-manager.js', import.meta.url));
/** Nothing ends such a bond but a word of either side, seconds. */
const PATIENT_BOND = 600;

interface Managed {
  readonly graph: LiveGraph;
  readonly node: (parameters?: Readonly<Record<string, string | boolean>>) => GraphProcess;
  readonly manager: (options: Partial<ManagerOptions>) => GraphProcess;
}

async function managed(t: ExecutionContext, namespace: string): Promise<Managed | undefined> {
  const graph = await liveGraph(t);
  if (graph === undefined) return undefined;
  if (!isPackageInstalled('bond')) {
    t.log('SKIPPED: the package bond is not installed');
    t.pass();
    return undefined;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-managed-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const model = await writeTestModel(path.join(folder, 'model'));
  return {
    graph,
    node: (parameters = {}) =>
      graph.perception({ model, autostart: false, ...parameters }, { remaps: { __ns: namespace } }),
    manager: (options) => {
      const all = { nodes: ['perception'], bondTimeout: PATIENT_BOND, ...options };
      return graph.run(MANAGER, [JSON.stringify(all)]);
    },
  };
}

test.serial(
  "a lifecycle manager's bond is held: it hears at once when the node ends, and takes it again",
  async (t) => {
    const set = await managed(t, '/front');
    if (set === undefined) return;
    const first = set.node();
    const manager = set.manager({ nodes: ['front/perception'] });
    await manager.says(/front\/perception connected with bond/);
    await manager.says(/all nodes are active/);
    await first.says(/a lifecycle manager formed the bond `front\/perception`/);
    await endsWell(t, first, 'SIGINT');
    await manager.says(/front\/perception is down/);
    const second = set.node();
    await manager.says(/all nodes are active/, 2);
    manager.child.stdin?.write('shutdown\n');
    await manager.says(/all nodes were shut down/);
    t.is(manager.said.match(/is down/g)?.length, 1, manager.said);
    await endsWell(t, second, 'SIGINT');
  },
);

test.serial('a node that is killed misses its heartbeats, and the manager notices', async (t) => {
  const set = await managed(t, '/');
  if (set === undefined) return;
  const node = set.node();
  const manager = set.manager({ bondTimeout: 8 });
  await manager.says(/all nodes are active/);
  await node.end('SIGKILL');
  await manager.says(/perception is down/);
  const second = set.node();
  await manager.says(/all nodes are active/, 2);
  await endsWell(t, second, 'SIGINT');
});

test.serial('a node that somebody else deactivates ends its bond', async (t) => {
  const set = await managed(t, '/');
  if (set === undefined) return;
  const node = set.node();
  const manager = set.manager({});
  await manager.says(/all nodes are active/);
  const change = { transition: { id: 4, label: '' } };
  await set.graph.call('perception/change_state', 'lifecycle_msgs/srv/ChangeState', change);
  await manager.says(/perception is down/);
  await endsWell(t, node, 'SIGINT');
});

test.serial(
  'with `bond: false` a manager with bonds cannot bring the node up, and one without can',
  async (t) => {
    const set = await managed(t, '/');
    if (set === undefined) return;
    const node = set.node({ bond: false });
    const bonding = set.manager({ bondTimeout: 2 });
    await bonding.says(/perception was unable to be reached by bond/);
    await bonding.says(/the nodes could not be brought up/);
    await bonding.end('SIGKILL');
    await endsWell(t, node, 'SIGINT');
    const another = set.node({ bond: false });
    await set.manager({ bondTimeout: 0 }).says(/all nodes are active/);
    await endsWell(t, another, 'SIGINT');
  },
);
