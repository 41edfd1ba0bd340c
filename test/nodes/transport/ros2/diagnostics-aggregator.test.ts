import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../../../models/package-root.js';
import type { DiagnosticArray } from '../../../../msgs/diagnostic-array.js';
import { endsWell, liveGraph, until } from './live-graph.js';
import { scratchModel } from './scratch-model.js';

const PAGE = path.join(packageRoot(), 'docs', 'ros2.md');

/** The YAML that the page shows. */
async function documented(): Promise<string> {
  const [, yaml] = /```yaml\n(analyzers:\n[^`]*)```/.exec(await readFile(PAGE, 'utf8')) ?? [];
  if (yaml === undefined) throw new Error(`${PAGE} shows no analyzers`);
  return yaml;
}

test.serial("the documented analyzers group the node's diagnostics, and raise its trouble", async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  // Started by itself: `ros2 run` that is killed leaves it behind.
  const asked = graph.command('ros2', ['pkg', 'executables', '--full-path', 'diagnostic_aggregator']);
  await asked.exited;
  const [program] = /^\/.*\/aggregator_node$/m.exec(asked.said) ?? [];
  if (program === undefined) {
    t.log('SKIPPED: the package diagnostic_aggregator is not installed');
    t.pass();
    return;
  }
  const model = await scratchModel(t);
  const file = path.join(path.dirname(model), 'analyzers.yaml');
  await writeFile(file, await documented());
  const aggregator = graph.command(program, ['--ros-args', '--params-file', file]);
  const node = graph.perception({ model, lazy: false }, { remaps: { __ns: '/front' } });
  const grouped = graph.listen<DiagnosticArray>('/diagnostics_agg', 'diagnostic_msgs/msg/DiagnosticArray');
  const level = (name: RegExp) =>
    grouped.messages.at(-1)?.status.find((status) => name.test(status.name))?.level;
  await until(
    () => level(/^\/Robot\/Perception$/) === 1,
    () =>
      `the silent camera as a warning of the group, among ${grouped.messages.at(-1)?.status.map(({ name }) => name)}; ` +
      `the node said ${node.said}, the aggregator ${aggregator.said}`,
  );
  t.is(level(/^\/Robot\/Perception\/.*front.perception: images$/), 1);
  t.is(level(/^\/Robot\/Perception\/.*front.perception: stamps$/), 0);
  graph.camera({ hz: 10, phases: [{ seconds: 1000, width: 64, height: 32 }] }, '/front');
  await until(
    () => level(/^\/Robot\/Perception$/) === 0,
    () => `all well; the node said ${node.said}`,
  );
  await endsWell(t, node, 'SIGINT');
});
