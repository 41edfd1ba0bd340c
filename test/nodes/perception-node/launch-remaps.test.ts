import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../../models/package-root.js';
import { OUTPUT_ROWS } from '../../../nodes/perception/outputs.js';

/** Left sides of the remappings of perception.launch.py. */
async function remapped(): Promise<string[]> {
  const file = path.join(packageRoot(), 'launch', 'launch', 'perception.launch.py');
  const [, list = ''] = /remappings=\[([\s\S]*?)\n\s*\],/.exec(await readFile(file, 'utf8')) ?? [];
  return [...list.matchAll(/\('([^']+)',/g)].map(([, name = '']) => name);
}

test('launch remaps inputs alone: an output under a name of theirs would leave its namespace', async (t) => {
  const names = await remapped();
  t.true(names.includes('image') && names.includes('camera_info'), names.join());
  const outputs = new Set<string>(OUTPUT_ROWS.map(([, { topic }]) => topic));
  t.true(outputs.has('odometry'));
  t.deepEqual(
    names.filter((name) => outputs.has(name)),
    [],
  );
});

test('every input of the node is one that launch remaps', async (t) => {
  const folder = path.join(packageRoot(), 'nodes', 'perception-node');
  const names = await remapped();
  const source = await readFile(path.join(folder, 'frame-comparison.ts'), 'utf8');
  const inputs = [...source.matchAll(/ros\.messages<\w+>\('([a-z_]+)'/g)].map(([, name = '']) => name);
  t.deepEqual(inputs, ['vehicle_odometry', 'lidar']);
  for (const input of inputs) t.true(names.includes(input), input);
});
