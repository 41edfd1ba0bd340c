import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { VersionStore } from '../../../models/versions/version-store.js';
import { ADAPTATION_STATE, type AdaptationStatus } from '../../../msgs/adaptation-status.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { AdaptationNode } from '../../../nodes/adaptation-node/adaptation-node.js';
import {
  type AdaptationParameters,
  adaptationParameters,
} from '../../../nodes/adaptation-node/adaptation-parameters.js';
import { AdaptationRuns } from '../../../nodes/adaptation-node/adaptation-runs.js';
import { LiveRecorder } from '../../../nodes/adaptation-node/live-recorder.js';
import { LATCHED } from '../../../nodes/transport/ros2/qos.js';
import { eventually, FakeRos } from '../fake-ros.js';
import { delivered, SECOND, testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';

interface Answer {
  readonly success: boolean;
  readonly message: string;
}

/** A node whose runs promote a copy of the model, ended with the test. */
async function setting(t: ExecutionContext, parameters: Partial<AdaptationParameters> = {}, code?: string) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-adaptation-'));
  const shipped = await writeTestModel(path.join(folder, 'shipped'), { version: 0 });
  const store = new VersionStore({ home: path.join(folder, 'home'), shipped });
  const ros = new FakeRos();
  const promotions: Promise<unknown>[] = [];
  const runs = new AdaptationRuns({
    start: (): ChildProcess => {
      const stdio = ['ignore', 'pipe', 'pipe'] as const;
      const child = spawn(process.execPath, ['-e', code ?? 'process.stdin.resume()'], {
        stdio: code === undefined ? ['pipe', 'pipe', 'pipe'] : [...stdio],
      });
      if (code === undefined) {
        const promotion = store.current().then((parent) => store.promote(shipped, parent));
        promotions.push(promotion.then(() => child.stdin?.end()));
      }
      return child;
    },
    store,
  });
  const given = { ...adaptationParameters(new Map()), ...parameters };
  const node = new AdaptationNode(ros, {
    parameters: given,
    runs,
    store,
    settleSeconds: 0.05,
    periodSeconds: 0.02,
  });
  node.begin();
  t.teardown(async () => {
    await node.end();
    // A run that was ended has not ended what it began here, in the same process.
    await Promise.all(promotions);
    await rm(folder, { recursive: true });
  });
  return { folder, store, ros, node };
}

test('~/adapt runs, reports, and tells the perception nodes of a new model; ~/rollback goes back', async (t) => {
  const perception_nodes = ['/front/perception', '/rear/perception'];
  const { ros, store } = await setting(t, { perception_nodes });
  t.deepEqual(await ros.request('~/adapt', { bags: ['/data/drive'] }), { success: true, message: '' });
  await eventually(() => ros.calls.length === 2);
  t.deepEqual(ros.calls, [
    { service: '/front/perception/load_model', request: { model: '' } },
    { service: '/rear/perception/load_model', request: { model: '' } },
  ]);
  const states = ros.on<AdaptationStatus>('adaptation/status').map(({ state }) => state);
  t.is(states[0], ADAPTATION_STATE.RUNNING);
  t.is(states.at(-1), ADAPTATION_STATE.PROMOTED);
  t.deepEqual(await store.current(), { name: 'test', version: 1 });
  t.like(await ros.request('~/rollback', {}), { success: true, message: 'test/0 is current now' });
  t.deepEqual(await store.current(), { name: 'test', version: 0 });
  t.is(ros.calls.length, 4);
  t.like(await ros.request<Answer>('~/rollback', {}), { success: false });
  t.like(await ros.request<Answer>('~/start', {}), { success: false });
});

test('the live camera is recorded in drives of bounded length, which are adapted to as they are complete', async (t) => {
  const watch = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-drives-'));
  await writeFile(path.join(watch, 'mine.txt'), 'x');
  const { ros, store, node } = await setting(t, {
    watch,
    record: true,
    record_seconds: 1,
    record_gigabytes: 50e-6,
  });
  t.teardown(() => rm(watch, { recursive: true }));
  for (let i = 0; i < 45; i++) {
    const stampNs = SECOND + (BigInt(i) * SECOND) / 10n;
    ros.receive(delivered(testInfo({ stampNs }), 'camera_info', 'sensor_msgs/msg/CameraInfo'));
    ros.receive(delivered(testImage({ stampNs }), 'image'));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await eventually(
    () => ros.on<AdaptationStatus>('adaptation/status').at(-1)?.state === ADAPTATION_STATE.PROMOTED,
  );
  t.like(await ros.request<Answer>('~/stop', {}), { success: true });
  await node.end();
  t.true((await store.current()).version >= 1);
  const left = (await readdir(watch)).sort();
  t.is(left.filter((name) => name.startsWith('.')).length, 0);
  t.true(left.includes('mine.txt'), 'only what was recorded is removed');
  const drives = left.filter((name) => name.startsWith('live-'));
  t.true(drives.length >= 1 && drives.length < 5, 'the oldest of the five were removed');
  const bag = await openBag(path.join(watch, drives[0] ?? ''));
  t.deepEqual(bag.topics.map(({ topic }) => topic).sort(), ['/test/camera_info', '/test/image']);
  let images = 0;
  for await (const { topic } of bag.messages()) if (topic === '/test/image') images += 1;
  await bag.close();
  // A disk that does not keep up leaves images out, so how few there are depends on the machine.
  t.true(images >= 1 && images <= 10, `${images} images in a second of 10`);
});

test('each recorded drive holds the camera_info that was latched once', async (t) => {
  const watch = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-drives-'));
  t.teardown(() => rm(watch, { recursive: true }));
  const ros = new FakeRos();
  const type = 'sensor_msgs/msg/CameraInfo';
  ros.publishers.set('camera_info', [{ node: '/camera', type, qos: LATCHED }]);
  ros.receive(delivered(testInfo({ stampNs: SECOND }), 'camera_info', type));
  const options = { folder: watch, compressed: false, seconds: 1, mostBytes: 1e9, say: () => {} };
  const recorder = new LiveRecorder(ros, options);
  for (let i = 0; i < 25; i++) {
    ros.receive(delivered(testImage({ stampNs: 2n * SECOND + (BigInt(i) * SECOND) / 10n }), 'image'));
    await eventually(() => recorder.waiting === 0);
  }
  await recorder.close();
  const drives = (await readdir(watch)).sort();
  t.is(drives.length, 3);
  const images: number[] = [];
  for (const drive of drives) {
    const bag = await openBag(path.join(watch, drive));
    const topics: string[] = [];
    for await (const { topic } of bag.messages()) topics.push(topic);
    await bag.close();
    t.is(topics[0], '/test/camera_info');
    t.is(topics.filter((topic) => topic === '/test/camera_info').length, 1);
    images.push(topics.filter((topic) => topic === '/test/image').length);
  }
  t.deepEqual(images, [10, 10, 5], 'a second of 10 images a second each, but for the last');
});

test('~/stop ends the run that is going on', async (t) => {
  const { ros } = await setting(t, {}, 'setTimeout(() => {}, 60000)');
  await ros.request('~/adapt', { bags: ['/data/drive'] });
  t.like(await ros.request<Answer>('~/stop', {}), { success: true, message: 'stopped' });
  await eventually(
    () => ros.on<AdaptationStatus>('adaptation/status').at(-1)?.state === ADAPTATION_STATE.FAILED,
  );
  t.regex(
    ros.on<AdaptationStatus>('adaptation/status').at(-1)?.message ?? '',
    /^stopped on request \(ended by SIGTERM\)/,
  );
  t.deepEqual(
    ros.said.filter((text) => text.startsWith('error')),
    [],
  );
  t.is(ros.said.filter((text) => /stopped on request/.test(text)).length, 1);
});

test('the result of a drive that appeared in the folder is logged once', async (t) => {
  const watch = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-drives-'));
  t.teardown(() => rm(watch, { recursive: true }));
  await writeFile(path.join(watch, 'drive.mcap'), 'x');
  const { ros } = await setting(t, { watch }, 'console.log("rejected: no gain")');
  await eventually(() => ros.said.some((text) => /rejected: no gain/.test(text)));
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.deepEqual(
    ros.said.filter((text) => /rejected: no gain/.test(text)),
    [`info adaptation to ${path.join(watch, 'drive.mcap')}: rejected: no gain`],
  );
});

test('parameters that make no sense are refused with what was expected', (t) => {
  const of = (entries: Record<string, unknown>) => () =>
    adaptationParameters(new Map(Object.entries(entries)));
  t.throws(of({ minutes: -1 }), { message: '`minutes`: expected `a number above 0`, got -1' });
  t.throws(of({ record: true }), { message: /expected `a folder in the parameter watch`/ });
  t.throws(of({ compressed: 'yes' }), { message: /`compressed`: expected `true \| false`, got "yes"/ });
  t.deepEqual(of({ perception_nodes: ' /a, /b,' })().perception_nodes, ['/a', '/b']);
  for (const [entry, message] of [
    [{ camera_kind: 'round' }, /`camera_kind`: expected `auto \| raw \| rectified`, got `round`/],
    [{ intrinsics: '1,2' }, /`intrinsics`: expected `fx,fy,cx,cy`/],
    [{ bit_depth: 17 }, /`bit_depth`: expected `a whole number from 1 to 16`, got `17`/],
  ] as const)
    t.throws(of(entry), { name: 'NodeError', message });
  const said = {
    image_topic: '/left',
    camera_kind: 'rectified',
    bit_depth: 12,
    max_pixels: 0,
    intrinsics: '9,8,3,2',
  };
  t.deepEqual(of(said)().camera, {
    ...{ image: '/left', cameraInfo: undefined, cameraKind: 'rectified', bitDepth: 12, maxPixels: undefined },
    intrinsics: { fx: 9, fy: 8, cx: 3, cy: 2 },
  });
});
