import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { shippedModel } from '../../../models/model-store.js';
import { VersionStore } from '../../../models/versions/version-store.js';
import type { CompressedImage } from '../../../msgs/compressed-image.js';
import type { DiagnosticArray } from '../../../msgs/diagnostic-array.js';
import type { Image } from '../../../msgs/image.js';
import type { LabelInfo } from '../../../msgs/label-info.js';
import type { LaserScan } from '../../../msgs/laser-scan.js';
import type { PerceptionStatus } from '../../../msgs/perception-status.js';
import type { PointCloud2 } from '../../../msgs/point-cloud2.js';
import { applyParameters, DEFAULTS, type Parameters } from '../../../nodes/perception-node/parameters.js';
import { PerceptionNode } from '../../../nodes/perception-node/perception-node.js';
import { eventually, FakeRos } from '../fake-ros.js';
import { delivered, SECOND, testImage, testInfo } from '../test-messages.js';
import { TEST_HEIGHT, TEST_WIDTH, testDisparity, writeTestModel } from '../test-model.js';

interface Setting {
  readonly ros: FakeRos;
  readonly node: PerceptionNode;
  readonly folder: string;
}

/** A node with the test model, ended with the test. */
async function setting(t: ExecutionContext, changes: Partial<Parameters> = {}): Promise<Setting> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-node-'));
  const model = await writeTestModel(path.join(folder, 'model'));
  const ros = new FakeRos();
  const parameters = { ...DEFAULTS, model, device: 'cpu', threads: 1, ...changes } as const;
  const store = new VersionStore({ home: path.join(folder, 'home'), shipped: model });
  const node = new PerceptionNode(ros, parameters, new Map(), store);
  t.teardown(async () => {
    await node.shutdown();
    await rm(folder, { recursive: true });
  });
  return { ros, node, folder };
}

function send(ros: FakeRos, stampNs: bigint): void {
  ros.receive(delivered(testInfo({ stampNs }), 'camera_info', 'sensor_msgs/msg/CameraInfo'));
  ros.receive(delivered(testImage({ stampNs }), 'image'));
}

test.serial(
  'the image goes in and what is listened to comes out, under the header of the image',
  async (t) => {
    const { ros, node } = await setting(t, { lazy: false, scale_source: 'constant', scale: 2 });
    ros.listeners.set('depth/image', 1).set('points', 1);
    t.deepEqual(node.configure(), { ok: true });
    t.is(node.state, 'inactive');
    send(ros, SECOND);
    t.deepEqual(node.activate(), { ok: true });
    send(ros, 2n * SECOND);
    await eventually(() => ros.on('points').length === 1);
    const [depth] = ros.on<Image>('depth/image');
    t.deepEqual(depth?.header, { stamp: { sec: 2, nanosec: 0 }, frame_id: 'camera' });
    t.is(depth?.encoding, '32FC1');
    const bytes = depth?.data ?? new Uint8Array();
    const first = new DataView(bytes.buffer, bytes.byteOffset).getFloat32(4 * 32, true);
    const disparity = testDisparity(32 * 4);
    t.true(Math.abs(first - 2 / (disparity * (1 - 0.01) + 0.01)) < 0.05 * first, `${first}`);
    t.is(ros.on<PointCloud2>('points')[0]?.width, TEST_WIDTH / 4);
    t.is(ros.on('segmentation/labels').length, 0);
    t.is(ros.on('depth/camera_info').length, 0);
    t.is(ros.on<LabelInfo>('segmentation/label_info')[0]?.class_map.length, 20);
  },
);

test.serial('images are compressed for those who listen to that alone, where it is asked for', async (t) => {
  const { ros, node } = await setting(t, { compressed_outputs: true, motion: false });
  node.configure();
  node.activate();
  ros.listeners.set('segmentation/labels/compressed', 1).set('depth/image/compressedDepth', 1);
  await eventually(() => ros.subscribed.get('image') === 1);
  send(ros, SECOND);
  await eventually(() => ros.on('segmentation/labels/compressed').length === 1);
  await eventually(() => ros.on('depth/image/compressedDepth').length === 1);
  const [labels] = ros.on<CompressedImage>('segmentation/labels/compressed');
  t.like(labels, {
    header: { stamp: { sec: 1, nanosec: 0 }, frame_id: 'camera' },
    format: 'mono8; png compressed ',
  });
  t.is(ros.on('segmentation/labels').length, 0);
  t.is(ros.on('segmentation/color/compressed').length, 0);
  t.is(ros.advertised.get('depth/image/compressedDepth')?.type, 'sensor_msgs/msg/CompressedImage');
});

test.serial('obstacles are found while somebody listens to them, and /tf goes with the scan', async (t) => {
  const { ros, node } = await setting(t, { base_frame: 'base' });
  node.configure();
  node.activate();
  ros.listeners.set('/tf', 1).set('scan', 1);
  const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'base' };
  const rotation = { x: -0.5, y: 0.5, z: -0.5, w: 0.5 };
  const transform = { translation: { x: 0, y: 0, z: 1.5 }, rotation };
  const message = { transforms: [{ header, child_frame_id: 'camera', transform }] };
  const received = {
    topic: '/tf_static',
    type: 'tf2_msgs/msg/TFMessage',
    stampNs: 0n,
    logTimeNs: 0n,
    message,
  };
  ros.receive(received);
  await eventually(() => ros.subscribed.get('image') === 1);
  send(ros, SECOND);
  await eventually(() => ros.on('scan').length === 1 && ros.on('/tf').length === 1);
  t.true(ros.on<LaserScan>('scan')[0]?.ranges.length !== 0);
  t.is(ros.on('points/obstacles').length, 0);
  // /tf always has listeners: by itself it wakes nobody.
  ros.listeners.set('scan', 0);
  await eventually(() => ros.subscribed.get('image') === 0);
  t.is(ros.advertised.get('/tf')?.qos?.reliability, 'reliable');
});

test.serial('nothing is received while nobody listens, and a subscriber wakes the node', async (t) => {
  const { ros, node } = await setting(t);
  node.configure();
  node.activate();
  t.is(ros.subscribed.get('image') ?? 0, 0);
  ros.listeners.set('segmentation/labels', 1);
  await eventually(() => ros.subscribed.get('image') === 1);
  send(ros, SECOND);
  await eventually(() => ros.on('segmentation/labels').length === 1);
  t.is(ros.on<Image>('segmentation/labels')[0]?.height, TEST_HEIGHT);
  t.is(ros.on('points').length, 0);
  ros.listeners.set('segmentation/labels', 0);
  await eventually(() => ros.subscribed.get('image') === 0);
});

test.serial(
  'images that come while it is busy are counted by their camera_info, and the newest follows',
  async (t) => {
    const { ros, node } = await setting(t, { lazy: false, motion: false });
    ros.listeners.set('depth/image', 1);
    node.configure();
    node.activate();
    for (let stamp = 1n; stamp <= 20n; stamp++) send(ros, stamp * SECOND);
    await eventually(() => ros.on('depth/image').length === 2);
    const stamps = ros.on<Image>('depth/image').map(({ header }) => header.stamp.sec);
    t.deepEqual(stamps, [1, 20]);
    await eventually(() => (ros.on<PerceptionStatus>('status').at(-1)?.frames_out ?? 0) === 2);
    t.like(ros.on<PerceptionStatus>('status').at(-1), {
      frames_in: 20,
      frames_dropped: 18,
      frames_failed: 0,
    });
  },
);

test.serial('parameters that can take effect live do so with the next frame', async (t) => {
  const { ros, node } = await setting(t, { lazy: false });
  ros.listeners.set('depth/image', 1);
  node.configure();
  node.activate();
  send(ros, SECOND);
  await eventually(() => ros.on('depth/image').length === 1);
  t.is(node.change(new Map([['depth_encoding', '16UC1']])), undefined);
  send(ros, 2n * SECOND);
  await eventually(() => ros.on('depth/image').length === 2);
  t.deepEqual(
    ros.on<Image>('depth/image').map(({ encoding }) => encoding),
    ['32FC1', '16UC1'],
  );
});

test.serial(
  'changes are taken all or none, and those that need a new configuration are refused until clean up',
  async (t) => {
    const { node } = await setting(t);
    node.configure();
    const refusal = node.change(
      new Map<string, unknown>([
        ['points_stride', 0],
        ['max_age', 2],
      ]),
    );
    t.regex(refusal ?? '', /`points_stride`: expected `a whole number from 1 to 64`, got 0/);
    t.is(node.parameters.max_age, DEFAULTS.max_age);
    t.regex(node.change(new Map([['threads', 2]])) ?? '', /`threads` can only be set while .*cleanup/);
    t.deepEqual(node.cleanup(), { ok: true });
    t.is(node.change(new Map([['threads', 2]])), undefined);
    t.is(node.parameters.threads, 2);
  },
);

test.serial(
  'a model that is missing or damaged fails the transition with the reason, and the node lives on',
  async (t) => {
    const { ros, node, folder } = await setting(t, { model: '/nowhere' });
    const outcome = node.configure();
    t.false(outcome.ok);
    t.regex(ros.said.join('\n'), /error configure failed: \/nowhere is not a model folder/);
    t.is(node.state, 'unconfigured');
    const damaged = await writeTestModel(path.join(folder, 'damaged'));
    await writeFile(path.join(damaged, 'perception.onnx'), 'x');
    node.change(new Map([['model', damaged]]));
    t.false(node.configure().ok);
    t.regex(ros.said.at(-1) ?? '', /perception\.onnx: expected `\d+` bytes, got 1/);
    node.change(new Map([['model', path.join(folder, 'model')]]));
    t.true(node.configure().ok);
  },
);

test.serial(
  'values that were wrong at the start keep the node from being configured until they are set right',
  async (t) => {
    const { folder } = await setting(t);
    const wrong = new Map([['device', '`device`: expected `cpu`, got "gpu"']]);
    const node = new PerceptionNode(
      new FakeRos(),
      { ...DEFAULTS, model: path.join(folder, 'model'), device: 'cpu' },
      wrong,
    );
    t.teardown(() => node.shutdown());
    const outcome = node.configure();
    t.is(outcome.ok ? '' : outcome.reason, '`device`: expected `cpu`, got "gpu"');
    t.is(node.change(new Map([['device', 'cpu']])), undefined);
    t.true(node.configure().ok);
  },
);

test.serial(
  'stale images are dropped and counted; a camera whose stamps jump back is followed',
  async (t) => {
    const { ros, node } = await setting(t, { lazy: false, max_age: 0.5 });
    ros.listeners.set('depth/image', 1);
    node.configure();
    node.activate();
    ros.clockNs = 100n * SECOND;
    send(ros, 99n * SECOND);
    t.true(ros.said.some((text) => /older than `max_age`/.test(text)));
    send(ros, 100n * SECOND);
    await eventually(() => ros.on('depth/image').length === 1);
    await eventually(() => ros.on<PerceptionStatus>('status').at(-1)?.frames_out === 1);
    const status = ros.on<PerceptionStatus>('status').at(-1);
    t.like(status, {
      frames_in: 2,
      frames_dropped: 1,
      frames_failed: 0,
      provider: 'cpu',
      model_name: 'test',
    });
    ros.clockNs = 10n * SECOND;
    send(ros, 10n * SECOND);
    await new Promise((resolve) => setTimeout(resolve, 20));
    send(ros, 10n * SECOND + 1n);
    await eventually(() => ros.on('depth/image').length >= 2);
    t.true(ros.said.some((text) => /jumped back/.test(text)));
  },
);

test.serial(
  'diagnostics name what is wrong: QoS that does not fit with both profiles, silence, a second node of the name',
  async (t) => {
    const { ros, node } = await setting(t, { lazy: false, image_reliability: 'reliable' });
    ros.publishers.set('image', [
      {
        node: '/cam',
        type: 'sensor_msgs/msg/Image',
        qos: { reliability: 'best_effort', durability: 'volatile', depth: 5 },
      },
    ]);
    ros.count = 2;
    node.configure();
    node.activate();
    await eventually(() => ros.said.some((text) => /2 nodes are called \/test\/perception/.test(text)));
    const text = ros.said.find((line) => /QoS that cannot be received/.test(line)) ?? '';
    t.regex(text, /`best_effort, volatile, depth 5`, requested `reliable, volatile, depth 1`/);
    const { status } = ros.on<DiagnosticArray>('/diagnostics').at(-1) ?? {};
    t.is(status?.[0]?.level, 1);
    t.is(status?.[0]?.name, '/test/perception: perception');
    await eventually(() =>
      ros.said.some((line) => /no images on \/test\/image: published by \/cam/.test(line)),
    );
    t.is(ros.said.filter((line) => /QoS that cannot/.test(line)).length, 1);
  },
);

/** A camera, 50 images a second. */
function feed(ros: FakeRos): { stop(): void } {
  let stampNs = SECOND;
  const timer = setInterval(() => {
    stampNs += SECOND / 50n;
    send(ros, stampNs);
  }, 20);
  return { stop: () => clearInterval(timer) };
}

test.serial(
  'load_model swaps between two frames and refuses what cannot run; rollback goes back',
  async (t) => {
    const { ros, node, folder } = await setting(t, { lazy: false });
    ros.listeners.set('depth/image', 1);
    t.like(await node.loadModel(''), { success: false, message: 'the node is not configured' });
    node.configure();
    node.activate();
    const store = new VersionStore({ home: path.join(folder, 'home'), shipped: path.join(folder, 'model') });
    await store.promote(path.join(folder, 'model'), { name: 'test', version: 0 });
    const swapping = node.loadModel('');
    const feeding = feed(ros);
    t.like(await swapping, { success: true, message: 'test/1 runs', model_name: 'test', model_version: '1' });
    t.like(await node.loadModel('/nowhere'), { success: false, model_version: '1' });
    const before = ros.on('depth/image').length;
    t.like(await node.rollback(), { success: true, model_version: '3' });
    await eventually(() => ros.on('depth/image').length > before);
    feeding.stop();
    t.is(node.state, 'active');
  },
);

test.serial(
  'a model whose depths are implausible on the next frames is refused, and the running one stays',
  async (t) => {
    const { ros, node, folder } = await setting(t, { lazy: false });
    ros.listeners.set('depth/image', 1);
    node.configure();
    node.activate();
    const feeding = feed(ros);
    const worse = await writeTestModel(path.join(folder, 'worse'), { version: 4, disparity: [0.05, 2.5] });
    const refused = await node.loadModel(worse);
    t.like(refused, { success: false, model_version: '3' });
    t.regex(refused.message, /test\/4 is not plausible on 3 frames: its depths are 0\.\d+ times/);
    t.regex(ros.said.at(-1) ?? '', /^error the model stays test\/3: test\/4 is not plausible/);
    feeding.stop();
  },
);

test.serial('what becomes the current version is taken without being asked for', async (t) => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-home-'));
  process.env.RXDEPTH_HOME = home;
  const ros = new FakeRos();
  const node = new PerceptionNode(ros, { ...DEFAULTS, device: 'cpu', threads: 1 });
  t.teardown(async () => {
    delete process.env.RXDEPTH_HOME;
    await node.shutdown();
    await rm(home, { recursive: true });
  });
  t.deepEqual(node.configure(), { ok: true });
  const store = new VersionStore();
  const shipped = await store.current();
  await store.promote(shippedModel(), shipped);
  await eventually(() =>
    ros.said.some((text) => text.startsWith(`info ${shipped.name}/1 runs: no frame came`)),
  );
  await store.rollback();
  await eventually(() => ros.said.some((text) => text.startsWith(`info ${shipped.name}/0 runs`)));
});

test.serial('deactivate stops the frames, cleanup withdraws the topics', async (t) => {
  const { ros, node } = await setting(t, { lazy: false });
  node.configure();
  node.activate();
  t.is(ros.subscribed.get('image'), 1);
  node.deactivate();
  t.is(ros.subscribed.get('image'), 0);
  t.true(ros.advertised.has('depth/image'));
  node.cleanup();
  t.false(ros.advertised.has('depth/image'));
  t.is(ros.durably.get('/tf_static'), 0);
});

test.serial('without a metric scale there is neither metric depth nor a cloud', async (t) => {
  const { ros, node } = await setting(t, { lazy: false, scale_source: 'none' });
  node.configure();
  t.true(ros.advertised.has('depth/relative'));
  t.false(ros.advertised.has('depth/image'));
  t.false(ros.advertised.has('points'));
  t.true('values' in applyParameters(DEFAULTS, new Map([['scale_source', 'none']])));
});

test.serial('a constant factor is refused for a model whose depth no factor makes metric', async (t) => {
  const { node, folder } = await setting(t, { scale_source: 'constant', scale: 2 });
  const file = path.join(folder, 'model', 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  const depth = { kind: 'affine-inverse-depth', metric: false, farMeters: 100 };
  await writeFile(file, JSON.stringify({ ...manifest, depth }));
  const refused = node.configure();
  t.regex(
    refused.ok ? '' : refused.reason,
    /no factor makes the depth of test metric \(affine-inverse-depth\)/,
  );
  const affine = { scale: 0.5, shift: 0.1 };
  await writeFile(file, JSON.stringify({ ...manifest, depth: { ...depth, affine } }));
  t.deepEqual(node.configure(), { ok: true });
});
