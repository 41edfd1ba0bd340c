import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { loadRclnodejs } from '../../../../nodes/transport/ros2/load-rclnodejs.js';
import { writeTestBag } from '../../test-bag.js';
import { SECOND, testImage, testInfo } from '../../test-messages.js';
import { writeTestModel } from '../../test-model.js';

/**
 * With a real ROS 2, in processes of their own (rclnodejs cannot live in a worker thread, where ava runs tests): source ROS 2
 * and a workspace with rxdepth_msgs, and have rclnodejs installed or on NODE_PATH.
 */
const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const NODE = program('../../../../nodes/perception-node/main.js');
const PUBLISHER = program('./bag-publisher.js');
const PROBE = program('./probe.js');

/** Why there is no ROS to test with. */
async function absence(): Promise<string | undefined> {
  if (process.env.ROS_DISTRO === undefined) return 'ROS 2 is not sourced';
  if (!/rxdepth|ws|install/.test(process.env.AMENT_PREFIX_PATH ?? ''))
    return 'no workspace with rxdepth_msgs';
  try {
    // Found, not loaded: that would be in a worker thread.
    await loadRclnodejs({
      environment: process.env,
      load: async () => {
        const { createRequire } = await import('node:module');
        createRequire(import.meta.url).resolve('rclnodejs/package.json');
        return { default: {} as never };
      },
    });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test('a camera driver, the perception node and a subscriber as three processes', async (t) => {
  const absent = await absence();
  if (absent !== undefined) {
    t.log(`SKIPPED, no live ROS 2 graph: ${absent}`);
    t.pass();
    return;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-ros-'));
  const started: ChildProcess[] = [];
  t.teardown(async () => {
    for (const child of started) child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });
  const env = { ...process.env, ROS_DOMAIN_ID: String(50 + (process.pid % 50)) };
  const run = (script: string, args: readonly string[]) => {
    const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(child);
    return child;
  };
  const model = await writeTestModel(path.join(folder, 'model'));
  const { default: sharp } = await import('sharp');
  const { data, width, height, step, header } = testImage();
  const packed = Buffer.concat(
    Array.from({ length: height }, (_, row) => data.subarray(row * step, row * step + width * 3)),
  );
  const png = await sharp(packed, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const bag = await writeTestBag(path.join(folder, 'bag'), [
    { topic: '/info', type: 'sensor_msgs/msg/CameraInfo', logTimeNs: SECOND, message: testInfo() },
    {
      topic: '/image',
      type: 'sensor_msgs/msg/CompressedImage',
      logTimeNs: SECOND,
      message: { header, format: 'png', data: png },
    },
  ]);

  const node = run(NODE, [
    ...[
      '--ros-args',
      '-p',
      'autostart:=true',
      '-p',
      'compressed:=true',
      '-p',
      'device:=cpu',
      '-p',
      'threads:=1',
    ],
    ...['-p', `model:=${model}`, '-p', 'max_age:=0.0'],
  ]);
  let said = '';
  node.stdout?.on('data', (chunk) => (said += chunk));
  node.stderr?.on('data', (chunk) => (said += chunk));
  run(PUBLISHER, [bag, '/image', '/info', '10', '1000']);
  const images = ['depth/image', 'segmentation/labels', 'dynamic/mask'].map(
    (topic) => `${topic}=sensor_msgs/msg/Image`,
  );
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...[PROBE, '12', ...images, 'points=sensor_msgs/msg/PointCloud2'],
      ...['status=rxdepth_msgs/msg/PerceptionStatus', 'segmentation/label_info=vision_msgs/msg/LabelInfo'],
    ],
    { env },
  );
  const heard = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<
    string,
    { count: number; frame: string; height: number; encoding: string; stamps: string[] } | undefined
  >;
  t.log(said);
  const depth = heard['depth/image'];
  t.true((depth?.count ?? 0) >= 10, JSON.stringify(heard));
  t.like(depth, { frame: 'camera', height: 32, encoding: '32FC1' });
  const common = new Set(depth?.stamps);
  for (const topic of ['segmentation/labels', 'dynamic/mask', 'points']) {
    const stamps = heard[topic]?.stamps ?? [];
    t.true(stamps.filter((stamp) => common.has(stamp)).length >= 10, topic);
  }
  t.is(heard['segmentation/label_info']?.count, 1);
  t.true((heard.status?.count ?? 0) >= 3);

  const exited = new Promise((resolve) => node.once('exit', (code, signal) => resolve(code ?? signal)));
  const startMs = performance.now();
  node.kill('SIGINT');
  t.is(await exited, 0);
  t.true(performance.now() - startMs < 2000);
});
