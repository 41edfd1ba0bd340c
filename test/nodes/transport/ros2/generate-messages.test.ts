import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const PROGRAM = fileURLToPath(
  new URL('../../../../nodes/transport/ros2/generate-messages.js', import.meta.url),
);
const SOURCED = { ROS_DISTRO: 'jazzy', AMENT_PREFIX_PATH: '/opt/ros/jazzy' };

/** Runs it beside an rclnodejs whose generation is the given code. */
async function generate(t: ExecutionContext, regenerateAll: string, sourced: NodeJS.ProcessEnv = SOURCED) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-messages-'));
  t.teardown(() => rm(folder, { recursive: true }));
  // As it would lie in a checkout: the compiled program looks upwards from where it is, then into NODE_PATH.
  const place = path.join(folder, 'rclnodejs');
  await mkdir(path.join(place, 'dist'), { recursive: true });
  await writeFile(path.join(place, 'package.json'), '{ "name": "rclnodejs", "type": "module" }');
  await writeFile(
    path.join(place, 'dist', 'index.js'),
    `export default { regenerateAll: async () => { ${regenerateAll} } };`,
  );
  const { ROS_DISTRO: _, AMENT_PREFIX_PATH: __, ...environment } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM], {
    env: { ...environment, ...sourced, NODE_PATH: folder },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Here its own rclnodejs would be loaded instead. */
const hasOwn = await import('rclnodejs' as string).then(
  () => true,
  () => false,
);
const unlessOwn = hasOwn ? test.skip : test;

unlessOwn('a generation that fails ends with 1 and says why, unlike that of rclnodejs itself', async (t) => {
  const full = "throw new Error('ENOSPC: no space left on device, write')";
  const { status, stdout, stderr } = await generate(t, full);
  t.is(status, 1);
  t.is(stdout, '');
  t.regex(stderr, /^rxdepth: .*could not generate .*ENOSPC: no space left on device.*\n$/);
});

unlessOwn('a generation that passes ends with 0', async (t) => {
  const { status, stdout, stderr } = await generate(t, '');
  t.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  t.regex(stdout, /knows the message packages/);
});

test('without a sourced ROS it ends with 1 and says what to run', async (t) => {
  const { status, stderr } = await generate(t, '', {});
  t.is(status, 1);
  t.regex(stderr, /source \/opt\/ros\/jazzy\/setup\.bash/);
});
