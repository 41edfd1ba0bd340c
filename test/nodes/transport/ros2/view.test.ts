import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { writeTestModel } from '../../test-model.js';
import { ViewClient } from '../../viewer/view-client.js';
import { endsWell, type GraphProcess, type LiveGraph, liveGraph, until } from './live-graph.js';

const PROGRAM = fileURLToPath(new URL('../../../../bin/rxdepth.js', import.meta.url));
const SMALL = { seconds: 1000, width: 64, height: 32 };

async function testModel(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-ros-view-'));
  process.env.RXDEPTH_HOME = path.join(folder, 'home');
  t.teardown(() => rm(folder, { recursive: true }));
  return await writeTestModel(path.join(folder, 'model'));
}

/** Looks at the page that a process announced, and sees camera and depth of one moment in it. */
async function sees(t: ExecutionContext, { process, address }: { process: GraphProcess; address: RegExp }) {
  await process.says(address);
  const client = await ViewClient.open(address.exec(process.said)?.[1] ?? '');
  t.teardown(() => client.close());
  await until(
    () => (client.last('panels')?.panels.length ?? 0) > 0,
    () => `panels; it said ${process.said}`,
  );
  client.send({ op: 'show', panels: ['camera', 'depth', 'moving', 'cloud'] });
  const both = () =>
    client.frames.some(
      ({ head }) => head.panel === 'depth' && client.frame('camera', BigInt(head.timeNs)) !== undefined,
    );
  await until(both, () => `depth with its picture among ${client.frames.length}; it said ${process.said}`);
  t.is(client.last('hello')?.kind, 'live');
  return client;
}

async function started(t: ExecutionContext, view: boolean): Promise<[LiveGraph, GraphProcess] | undefined> {
  const graph = await liveGraph(t);
  if (graph === undefined) return undefined;
  const model = await testModel(t);
  const node = graph.perception({ model, ...(view && { view, view_port: 0 }) });
  graph.camera({ hz: 20, phases: [SMALL] });
  await node.says(/configured/);
  return [graph, node];
}

test.serial('view:=true opens a page of the node, on which nobody of the graph has to listen', async (t) => {
  const set = await started(t, true);
  if (set === undefined) return;
  const [, node] = set;
  const client = await sees(t, { process: node, address: /the page of this node: (http\S+)/ });
  await until(() => client.last('status') !== undefined, 'a status');
  client.send({ op: 'rollback', id: 1 });
  await until(() => client.last('answer') !== undefined, 'an answer');
  t.like(client.last('answer'), { ok: false }, 'nothing was before');
  await endsWell(t, node, 'SIGINT');
});

test.serial('rxdepth view --ros shows a node that runs, and changes its model by its services', async (t) => {
  const set = await started(t, false);
  if (set === undefined) return;
  const [graph, node] = set;
  const view = graph.run(PROGRAM, ['view', '--ros', '/', '--port', '0']);
  const client = await sees(t, { process: view, address: /page\s+(http\S+)/ });
  t.regex(view.said, /looking at \/perception/);
  await until(() => client.last('models')?.running === 'test/3', 'the model');
  client.send({ op: 'use', id: 5, version: 'test/99' });
  await until(() => client.last('answer') !== undefined, 'an answer');
  t.like(client.last('answer'), { ok: false });
  t.regex(node.said, /the model stays test\/3/);
  await endsWell(t, view, 'SIGINT');
  await endsWell(t, node, 'SIGINT');
});
