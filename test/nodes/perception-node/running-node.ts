import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { VersionStore } from '../../../models/versions/version-store.js';
import type { DiagnosticArray, DiagnosticStatus } from '../../../msgs/diagnostic-array.js';
import { DEFAULTS, type Parameters } from '../../../nodes/perception-node/parameters.js';
import { PerceptionNode } from '../../../nodes/perception-node/perception-node.js';
import { FakeRos } from '../fake-ros.js';
import { writeTestModel } from '../test-model.js';

export interface RunningNode {
  readonly ros: FakeRos;
  readonly node: PerceptionNode;
  /** Entry of the newest /diagnostics, by what follows the node's name. */
  readonly entry: (area: string) => DiagnosticStatus | undefined;
}

/** A node with the test model whose depth somebody hears, active unless said otherwise; ended with the test. */
export async function runningNode(
  t: ExecutionContext,
  changes: Partial<Parameters> = {},
  { activate = true, wrong = new Map<string, string>() } = {},
): Promise<RunningNode> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-node-'));
  const model = await writeTestModel(path.join(folder, 'model'));
  const ros = new FakeRos();
  ros.listeners.set('depth/image', 1);
  const parameters = { ...DEFAULTS, model, device: 'cpu', threads: 1, lazy: false, ...changes } as const;
  const store = new VersionStore({ home: path.join(folder, 'home'), shipped: model });
  const node = new PerceptionNode(ros, parameters, wrong, store);
  t.teardown(async () => {
    await node.shutdown();
    await rm(folder, { recursive: true });
  });
  if (activate) {
    t.deepEqual(node.configure(), { ok: true });
    t.deepEqual(node.activate(), { ok: true });
  }
  const entry = (area: string) =>
    ros
      .on<DiagnosticArray>('/diagnostics')
      .at(-1)
      ?.status.find(({ name }) => name === `${ros.name}: ${area}`);
  return { ros, node, entry };
}
