import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import WebSocket from 'ws';
import { VersionStore } from '../../../../models/versions/version-store.js';
import { DEFAULTS, type Parameters } from '../../../../nodes/perception-node/parameters.js';
import { PerceptionNode } from '../../../../nodes/perception-node/perception-node.js';
import { NodeView } from '../../../../nodes/perception-node/view/node-view.js';
import { PAGE_PROTOCOL } from '../../../../nodes/viewer/page-protocol.js';
import { halfTable } from '../../../../nodes/viewer/preview/half-float.js';
import {
  exactVideo,
  VIDEO_HEIGHT,
  VIDEO_WIDTH,
  videoPictures,
  videoTools,
} from '../../../msgs/video/encode-video.js';
import { packetMessage } from '../../../msgs/video/packet-message.js';
import { eventually, FakeRos } from '../../fake-ros.js';
import { delivered, SECOND, testImage, testInfo } from '../../test-messages.js';
import { testDisparity, writeTestModel } from '../../test-model.js';
import { ViewClient } from '../../viewer/view-client.js';

const withVideo = (await videoTools()) === undefined ? test.skip : test.serial;

interface Viewed {
  readonly ros: FakeRos;
  readonly node: PerceptionNode;
  readonly view: NodeView;
  readonly store: VersionStore;
  readonly folder: string;
}

const IMAGE = '/test/image';
const DEPTH = '/test/depth/image';

/** A node with a page that follows the current version, `test/1`, not configured yet; ended with the test. */
async function viewed(t: ExecutionContext, changes: Partial<Parameters> = {}): Promise<Viewed> {
  t.timeout(600_000);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-node-view-'));
  // The node's worker looks there.
  process.env.RXDEPTH_HOME = path.join(folder, 'home');
  const store = new VersionStore();
  await store.promote(await writeTestModel(path.join(folder, 'first')), await store.current());
  const ros = new FakeRos();
  const view = new NodeView(ros, store);
  const given = { device: 'cpu', threads: 1, view: true, view_port: 0 } as const;
  const node = new PerceptionNode(view.ros, { ...DEFAULTS, ...given, ...changes }, new Map(), store);
  view.follow(node);
  t.teardown(async () => {
    await Promise.all([view.close(), node.shutdown()]);
    await rm(folder, { recursive: true });
  });
  return { ros, node, view, store, folder };
}

function start(t: ExecutionContext, { node }: Viewed): void {
  t.deepEqual(node.configure(), { ok: true });
  t.deepEqual(node.activate(), { ok: true });
}

async function look(t: ExecutionContext, { view }: Viewed, token = true): Promise<ViewClient> {
  await eventually(() => view.url !== undefined);
  const url = view.url ?? '';
  const client = await ViewClient.open(token ? url : url.replace(/\?.*/, ''));
  t.teardown(() => client.close());
  await client.until(() => client.last('models'));
  return client;
}

const GREY = 100;

function send(ros: FakeRos, stampNs: bigint): void {
  ros.receive(delivered(testInfo({ stampNs }), 'camera_info', 'sensor_msgs/msg/CameraInfo'));
  ros.receive(delivered(testImage({ stampNs, grey: () => GREY }), 'image'));
}

/** A camera, until what is shown of it holds. */
async function streamUntil(ros: FakeRos, holds: () => boolean): Promise<void> {
  for (let stampNs = SECOND; !holds(); stampNs += SECOND / 10n) {
    send(ros, stampNs);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test.serial(
  'the page of a node shows camera and depth of one moment, computed because it is seen',
  async (t) => {
    const set = await viewed(t);
    const { ros, node, view } = set;
    start(t, set);
    const client = await look(t, set);
    const hello = client.last('hello');
    t.is(hello?.kind, 'live');
    t.is(hello?.playback, undefined, 'nothing is played: there is no timeline');
    t.true(
      ros.said.some((line) => line.includes(view.url ?? 'none')),
      'the log has the address with its token',
    );
    t.regex(view.url ?? '', /^http:\/\/127\.0\.0\.1:\d+\/\?token=\S+$/);

    t.is(ros.subscribed.get('image') ?? 0, 0, 'nobody looks: images are not received');
    client.send({ op: 'show', panels: ['camera', 'depth'] });
    await streamUntil(ros, () => client.frame('depth') !== undefined && client.frame('camera') !== undefined);
    const depth = client.frame('depth');
    t.is(depth?.head.topic, DEPTH);
    t.is(client.frames.find(({ head }) => head.panel === 'camera')?.head.topic, IMAGE);
    const timeNs = BigInt(depth?.head.timeNs ?? 0);
    t.truthy(client.frame('camera', timeNs), 'the picture that the depth was made of');
    const bits = new DataView((depth?.payload ?? new Uint8Array(2)).slice().buffer).getUint16(0, true);
    const metres = halfTable()[bits] ?? Number.NaN;
    t.true(Math.abs(metres * testDisparity(GREY) - 1) < 0.005, `${metres} m`);
    t.is(ros.on('depth/image').length, 0, 'the graph is sent nothing that nobody there hears');
    t.deepEqual(client.last('panels')?.classes.length, node.model?.manifest.classes.length);

    client.send({ op: 'show', panels: ['camera'] });
    await eventually(() => view.ros.listenersOf('depth/image') === 0);
    const count = (panel: string) => client.frames.filter(({ head }) => head.panel === panel).length;
    // What was on its way comes before the next pictures do.
    const before = count('camera');
    await streamUntil(ros, () => count('camera') > before + 2);
    const [shown, pictures] = [count('depth'), count('camera')];
    await streamUntil(ros, () => count('camera') > pictures + 3);
    t.is(count('depth'), shown, 'the camera alone');
    client.send({ op: 'show', panels: [] });
    await eventually(() => ros.subscribed.get('image') === 0);

    t.deepEqual(node.deactivate(), { ok: true });
    t.deepEqual(node.cleanup(), { ok: true });
    await client.until(() => client.last('panels')?.panels.length === 0);
    t.pass('a node that is cleaned up has nothing to show');
  },
);

test.serial('a page that reads nothing changes nothing for the node and its subscribers', async (t) => {
  const set = await viewed(t, { motion: false, lazy: false, max_age: 0 });
  const { ros, view } = set;
  start(t, set);
  ros.listeners.set('depth/image', 1);
  await eventually(() => view.url !== undefined);
  const socket = new WebSocket((view.url ?? '').replace(/^http/, 'ws'), PAGE_PROTOCOL);
  t.teardown(() => socket.terminate());
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ op: 'show', panels: ['camera', 'depth', 'cloud'] }));
  await eventually(() => view.ros.listenersOf('points') === 1);
  socket.pause();
  let sent = 0;
  for (let index = 1; index <= 40; index++) {
    send(ros, BigInt(index) * SECOND);
    sent += 1;
    // Every image gets its result before the next one: none is dropped.
    await eventually(() => ros.on('depth/image').length === sent);
  }
  t.is(ros.on('depth/image').length, 40);
});

test.serial('use and roll back are those of the node, and only with the token', async (t) => {
  const set = await viewed(t);
  const { ros, node, store, folder } = set;
  const first = await store.current();
  // It sees everything at half the distance.
  const options = { disparity: [0.02, 1], parent: 'test/1' } as const;
  await store.promote(await writeTestModel(path.join(folder, 'second'), options), first);
  start(t, set);
  const running = () => `${node.model?.manifest.name}/${node.model?.manifest.version}`;
  const stranger = await look(t, set, false);
  stranger.send({ op: 'use', id: 1, version: 'test/1' });
  const refused = await stranger.until(() => stranger.last('answer'));
  t.like(refused, { ok: false });
  t.regex(refused.message, /token/);

  const client = await look(t, set);
  t.like(client.last('models'), { scope: 'node', follows: true });
  t.is(client.last('models')?.running, 'test/2');
  const answerTo = (id: number) =>
    client.until(() => client.told.find((message) => message.op === 'answer' && message.id === id));
  client.send({ op: 'use', id: 7, version: 'test/1' });
  t.like(await answerTo(7), { ok: true });
  t.is(running(), 'test/1');
  t.like(await store.current(), { version: 2 }, 'the version of the machine is left alone');
  await client.until(() => client.last('models')?.running === 'test/1');

  client.send({ op: 'use', id: 8, version: 'nobody/9' });
  t.like(await answerTo(8), { ok: false });
  t.is(running(), 'test/1', 'the model stays');
  t.true(ros.said.some((line) => /the model stays/.test(line)));

  client.send({ op: 'rollback', id: 9 });
  t.like(await answerTo(9), { ok: true });
  t.deepEqual(await store.current(), first, 'roll back is that of the machine, as the service has it');
  t.is(running(), 'test/1');
});

test.serial('a port that is taken leaves the node at work without a page, and says so', async (t) => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
  );
  t.teardown(() => taken.close());
  const set = await viewed(t, { view_port: port });
  const { ros, node, view } = set;
  start(t, set);
  await eventually(() => ros.said.some((line) => /^error .*port \d+ is taken/.test(line)));
  t.is(node.state, 'active');
  t.is(view.url, undefined);
  // The next configure opens it.
  t.deepEqual(node.cleanup(), { ok: true });
  t.is(node.change(new Map([['view_port', 0]])), undefined);
  start(t, set);
  await eventually(() => view.url !== undefined);
  t.deepEqual(node.cleanup(), { ok: true });
  t.is(node.change(new Map([['view', false]])), undefined);
  start(t, set);
  await eventually(() => view.url === undefined);
  t.pass('and closes it when it is not wanted any more');
});

withVideo(
  'the page of a node whose camera sends video shows the pictures that the node decoded',
  async (t) => {
    const set = await viewed(t, { video: 'foxglove', motion: false, max_age: 0 });
    const { ros } = set;
    start(t, set);
    const client = await look(t, set);
    const topic = 'image/foxglove';
    const shown = client.last('panels')?.panels.find(({ panel }) => panel === 'camera');
    t.deepEqual(shown?.topics, ['/test/image/foxglove/decoded']);
    client.send({ op: 'show', panels: ['camera'] });
    await eventually(() => ros.subscribed.get(topic) === 1);
    const packets = await exactVideo(videoPictures(3), 'h264', { group: 3 });
    for (const [index, { data }] of packets.entries())
      ros.receive(packetMessage(topic, BigInt(index + 1) * SECOND, { data }));
    const picture = await client.until(() => client.frame('camera', 3n * SECOND));
    t.like(picture.head, { width: VIDEO_WIDTH, height: VIDEO_HEIGHT, format: 'rgb' });
    // What was encoded without loss is what is shown.
    t.deepEqual([...picture.payload.subarray(0, 3)], [...(videoPictures(3)[2]?.subarray(0, 3) ?? [])]);
  },
);
