import test, { type ExecutionContext } from 'ava';
import type { DiagnosticArray } from '../../../msgs/diagnostic-array.js';
import type { Image } from '../../../msgs/image.js';
import type { PerceptionStatus } from '../../../msgs/perception-status.js';
import type { Parameters } from '../../../nodes/perception-node/parameters.js';
import type { FakeRos } from '../fake-ros.js';
import { eventually } from '../fake-ros.js';
import { delivered, SECOND, testImage, testInfo } from '../test-messages.js';
import { runningNode } from './running-node.js';

const NOW = 100n * SECOND;

function sendInfo(ros: FakeRos, stampNs: bigint, frame_id = 'camera'): void {
  ros.receive(delivered(testInfo({ stampNs, frame_id }), 'camera_info', 'sensor_msgs/msg/CameraInfo'));
}

function sendImage(ros: FakeRos, stampNs: bigint, changes: Partial<Image> = {}): void {
  ros.receive(delivered({ ...testImage({ stampNs }), ...changes }, 'image'));
}

function send(ros: FakeRos, stampNs: bigint, changes: Partial<Image> = {}): void {
  sendInfo(ros, stampNs);
  sendImage(ros, stampNs, changes);
}

/** A camera at 20 Hz, until the end of the test. */
function stream(t: ExecutionContext, ros: FakeRos): void {
  let stampNs = NOW;
  const timer = setInterval(() => {
    stampNs += 1n;
    send(ros, stampNs);
  }, 50);
  t.teardown(() => clearInterval(timer));
}

interface Reason {
  readonly because: string;
  readonly parameters?: Partial<Parameters>;
  /** @param index grows by 1 ten times a second */
  readonly camera: (ros: FakeRos, index: bigint) => void;
  readonly area: string;
  readonly says: RegExp;
}

const REASONS: readonly Reason[] = [
  {
    because: 'stamps are 3 s old',
    camera: (ros) => send(ros, NOW - 3n * SECOND),
    area: 'stamps',
    says: /images of image are 3\.0 s old when they come, older than `max_age` \(1 s\) allows, and are dropped/,
  },
  {
    because: 'stamps are zero',
    camera: (ros) => send(ros, 0n),
    area: 'stamps',
    says: /images of image carry no stamp \(0\).* are dropped: have the driver stamp them, or set `max_age` to 0\.0/,
  },
  {
    because: 'stamps stand still',
    camera: (ros) => send(ros, NOW),
    area: 'stamps',
    says: /images with the stamp of the image before them are skipped/,
  },
  {
    because: 'there is no camera_info',
    camera: (ros, index) => sendImage(ros, NOW + index),
    area: 'camera_info',
    says: /no camera_info (on \/test\/camera_info: nobody publishes it|was received for image)/,
  },
  {
    because: 'images have another encoding',
    camera: (ros, index) => send(ros, NOW + index, { encoding: 'nonsense' }),
    area: 'images',
    says: /no result \(validate\).*nonsense/,
  },
  {
    because: 'images have too few bytes',
    camera: (ros, index) => send(ros, NOW + index, { data: new Uint8Array(10) }),
    area: 'images',
    says: /no result \(validate\)/,
  },
  {
    because: 'nobody publishes images',
    camera: (ros, index) => sendInfo(ros, NOW + index),
    area: 'images',
    says: /no images on \/test\/image: nobody publishes it/,
  },
  {
    because: 'nothing can be decoded',
    parameters: { compressed: true },
    camera: (ros, index) => {
      sendInfo(ros, NOW + index);
      const { header } = testImage({ stampNs: NOW + index });
      const message = { header, format: 'jpeg', data: Uint8Array.of(1, 2, 3) };
      ros.receive(delivered(message, 'image/compressed', 'sensor_msgs/msg/CompressedImage'));
    },
    area: 'results',
    says: /no result \(infer\)/,
  },
];

for (const { because, parameters, camera, area, says } of REASONS) {
  test.serial(`nothing comes out because ${because}: log and diagnostics say so`, async (t) => {
    const { ros, entry } = await runningNode(t, parameters);
    ros.clockNs = NOW;
    let index = 0n;
    const timer = setInterval(() => camera(ros, index++), 100);
    t.teardown(() => clearInterval(timer));
    await eventually(() => says.test(entry(area)?.message ?? ''));
    t.is(entry(area)?.level, 1);
    t.is(entry('perception')?.level, 1);
    t.true(ros.said.some((text) => text.startsWith('warn') && says.test(text)));
    t.true(ros.on('depth/image').length <= 1);
  });
}

test.serial('an episode ends in log and diagnostics, and the next one is told anew', async (t) => {
  const { ros, entry } = await runningNode(t);
  ros.clockNs = NOW;
  const stale = /3\.0 s old when they come/;
  send(ros, NOW - 3n * SECOND);
  await eventually(() => entry('stamps')?.level === 1);
  stream(t, ros);
  await eventually(() => entry('stamps')?.level === 0);
  await eventually(() => entry('perception')?.level === 0);
  t.true(ros.said.some((text) => text.startsWith('info over: ') && stale.test(text)));
  // While the node computes, a newer image takes the place of one that waits.
  const again = setInterval(() => send(ros, NOW - 3n * SECOND), 50);
  t.teardown(() => clearInterval(again));
  await eventually(() => ros.said.filter((text) => text.startsWith('warn') && stale.test(text)).length === 2);
  await eventually(() => entry('stamps')?.level === 1);
});

test.serial('results that are older than max_age when they are ready are dropped and counted', async (t) => {
  for (const motion of [false, true]) {
    const { ros, entry } = await runningNode(t, { motion });
    ros.clockNs = NOW;
    send(ros, NOW - SECOND / 10n);
    ros.clockNs = NOW + SECOND;
    await eventually(() => ros.on<PerceptionStatus>('status').at(-1)?.frames_dropped === 1);
    t.like(ros.on<PerceptionStatus>('status').at(-1), { frames_in: 1, frames_out: 0, frames_failed: 0 });
    t.is(ros.on('depth/image').length, 0);
    await eventually(() => entry('results')?.level === 1);
    t.regex(entry('results')?.message ?? '', /results of image are 1\.1 s old when they are ready/);
    send(ros, ros.clockNs);
    await eventually(() => ros.on('depth/image').length === 1);
  }
});

test.serial('a machine that computes two frames a second publishes its results by default', async (t) => {
  const { ros } = await runningNode(t, { motion: false });
  ros.clockNs = NOW;
  // A camera of 10 Hz: up to 0.1 s until a frame is taken, 0.5 s in the network, and some to bring it there.
  send(ros, NOW - SECOND / 5n);
  ros.clockNs = NOW + SECOND / 2n;
  await eventually(() => ros.on('depth/image').length === 1);
  t.pass();
});

test.serial('a machine that is too slow is told so: how old, how slow, which parameter', async (t) => {
  const { ros, entry } = await runningNode(t, { motion: false, max_age: 0.5 });
  ros.clockNs = NOW;
  // The first is published and tells how long the network takes; the others are too late.
  send(ros, NOW);
  await eventually(() => ros.on('depth/image').length === 1);
  send(ros, NOW + 1n);
  ros.clockNs = NOW + SECOND;
  const says =
    /results of image are 1\.0 s old when they are ready, older than `max_age` \(0\.5 s\) allows, and are dropped.*the network takes [\d.]+ s a frame.*raise `max_age` to 1\.5/;
  await eventually(() => says.test(entry('results')?.message ?? ''));
  t.is(entry('results')?.level, 1);
  t.is(entry('perception')?.level, 1);
  t.true(ros.said.some((text) => text.startsWith('warn') && says.test(text)));
});

test.serial('a max_age of 0 takes everything, images without a stamp too', async (t) => {
  const { ros } = await runningNode(t, { max_age: 0, motion: false });
  ros.clockNs = NOW;
  for (let count = 1; count <= 3; count++) {
    send(ros, 0n);
    await eventually(() => ros.on('depth/image').length === count);
  }
});

test.serial('a node that waits to be configured, or failed to be, publishes diagnostics', async (t) => {
  const { ros, node, entry } = await runningNode(t, { model: '/nowhere' }, { activate: false });
  await eventually(() => entry('perception') !== undefined);
  t.like(entry('perception'), { level: 0, message: 'unconfigured' });
  t.like(entry('results'), { level: 0, message: 'none: the node is unconfigured, not configured' });
  t.false(node.configure().ok);
  await eventually(() => entry('perception')?.level === 2);
  t.regex(entry('perception')?.message ?? '', /configure failed: \/nowhere is not a model folder/);
  t.is(entry('node')?.level, 2);
  await node.shutdown();
  const count = ros.on<DiagnosticArray>('/diagnostics').length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  t.is(ros.on('/diagnostics').length, count, 'none after the end');
});

test.serial('values that were wrong at the start are an error in diagnostics', async (t) => {
  const wrong = new Map([['device', '`device`: expected `cpu`, got "gpu"']]);
  const { entry } = await runningNode(t, {}, { activate: false, wrong });
  await eventually(() => entry('node')?.level === 2);
  t.is(entry('node')?.message, '`device`: expected `cpu`, got "gpu"');
});

test.serial('a node that nobody listens to says so', async (t) => {
  const { ros, entry } = await runningNode(t, { lazy: true });
  ros.listeners.clear();
  await eventually(() => /nobody subscribes/.test(entry('results')?.message ?? ''));
  t.is(entry('results')?.level, 0);
  ros.listeners.set('depth/image', 1);
  ros.clockNs = NOW;
  stream(t, ros);
  await eventually(() => / Hz$/.test(entry('perception')?.message ?? ''));
});
