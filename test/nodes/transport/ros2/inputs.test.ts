import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { DiagnosticArray } from '../../../../msgs/diagnostic-array.js';
import type { Image } from '../../../../msgs/image.js';
import { endsWell, type LiveGraph, liveGraph, until } from './live-graph.js';
import { scratchModel } from './scratch-model.js';

const small = { width: 64, height: 32 };
const phases = [{ seconds: 1000, ...small }];

async function scratch(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-ros-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

function entries(graph: LiveGraph): (area: string) => { level: number; message: string } | undefined {
  const { messages } = graph.listen<DiagnosticArray>('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray');
  return (area) => messages.at(-1)?.status.find(({ name }) => name === `/perception: ${area}`);
}

for (const latched of [true, false]) {
  for (const lazy of [true, false]) {
    for (const compressed of [true, false]) {
      const name = `${latched ? 'latched' : 'streamed'} camera_info, ${lazy ? 'lazy' : 'not lazy'}, ${compressed ? 'compressed' : 'raw'}`;
      test.serial(`${name}: there is depth`, async (t) => {
        const graph = await liveGraph(t);
        if (graph === undefined) return;
        graph.camera({ hz: 10, phases, latched, compressed });
        const node = graph.perception({ model: await scratchModel(t), lazy, compressed });
        await node.says(/configured/);
        // Long after the one camera_info was sent.
        await new Promise((resolve) => setTimeout(resolve, 2000));
        const depth = graph.listen<Image>('depth/image', 'sensor_msgs/msg/Image');
        await until(
          () => depth.messages.length >= 5,
          () => `depth; the node said ${node.said}`,
        );
        // One that is streamed may come after the first image.
        if (latched) t.notRegex(node.said, /no camera_info|do not match/);
        await endsWell(t, node, 'SIGINT');
      });
    }
  }
}

test.serial('images with stamps of 3 s ago are told in log and diagnostics', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const node = graph.perception({ model: await scratchModel(t), max_age: '0.5', lazy: false });
  const entry = entries(graph);
  graph.camera({ hz: 10, phases, secondsLate: 3 });
  await node.says(/images of \/image are \d+\.\d s old when they come, older than `max_age`/);
  await until(() => entry('stamps')?.level === 1, 'a level in /diagnostics');
  t.regex(entry('stamps')?.message ?? '', /older than `max_age`/);
  await endsWell(t, node, 'SIGTERM');
});

test.serial(
  'a node that is not configured publishes diagnostics; refusals are readable, events global',
  async (t) => {
    const graph = await liveGraph(t);
    if (graph === undefined) return;
    const node = graph.perception({ model: '/nowhere', autostart: false }, { remaps: { __ns: '/front' } });
    const { messages } = graph.listen<DiagnosticArray>('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray');
    const events = graph.listen<object>('/parameter_events', 'rcl_interfaces/msg/ParameterEvent');
    await until(
      () => messages.at(-1)?.status[0]?.message === 'unconfigured',
      () => `diagnostics; the node said ${node.said}`,
    );
    const set = async (name: string, value: object) => {
      const service = '/front/perception/set_parameters';
      const request = { parameters: [{ name, value }] };
      const type = 'rcl_interfaces/srv/SetParameters';
      return (await graph.call<{ results: { reason: string }[] }>(service, type, request)).results[0]?.reason;
    };
    t.is(
      await set('compressed', { type: 4, string_value: 'maybe' }),
      '`compressed`: expected `true | false`, got "maybe"',
    );
    t.is(
      await set('use_sim_time', { type: 4, string_value: 'maybe' }),
      '`use_sim_time`: expected `true | false`, got "maybe"',
    );
    t.is(await set('max_age', { type: 3, double_value: 2 }), '');
    await until(() => events.messages.length > 0, 'a parameter event');
    await endsWell(t, node, 'SIGINT');
  },
);

test.serial(
  'values are read as ROS reads them; what cannot be read ends the node with one line',
  async (t) => {
    const graph = await liveGraph(t);
    if (graph === undefined) return;
    const folder = await scratch(t);
    const refused = async (name: string, text: string | undefined) => {
      const file = path.join(folder, name);
      if (text !== undefined) await writeFile(file, text);
      const node = graph.perceptionWith(['--params-file', file]);
      t.is(await node.exited, 1, node.said);
      t.notRegex(node.said, /^\s+at /m);
      return node.said;
    };
    t.regex(
      await refused('missing.yaml', undefined),
      /rxdepth: the parameter file .*missing\.yaml cannot be read/,
    );
    t.regex(await refused('list.yaml', '- a\n'), /rxdepth: .*list\.yaml is no parameter file: expected/);
    t.regex(
      await refused('bad.yaml', '/**:\n  ros__parameters: {lazy: ['),
      /rxdepth: .*bad\.yaml is no YAML: .*line/,
    );
    const good = path.join(folder, 'good.yaml');
    const model = await scratchModel(t);
    await writeFile(
      good,
      `/**:\n  ros__parameters: {lazy: no, autostart: on, device: cpu, threads: 0x1, model: ${model}, of_another_node: [1, 2]}\n`,
    );
    const node = graph.perceptionWith(['--params-file', good]);
    await node.says(/configured with model/);
    await endsWell(t, node, 'SIGINT');
  },
);
