import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { packageRoot } from '../../../../models/package-root.js';
import { openBag } from '../../../../msgs/bag/open-bag.js';
import { cameraInfoCodec } from '../../../../msgs/camera-info.js';
import { codecFor } from '../../../../msgs/codecs.js';
import { detection3DArrayCodec } from '../../../../msgs/detection3d-array.js';
import type { Header } from '../../../../msgs/header.js';
import { imageCodec } from '../../../../msgs/image.js';
import { laserScanCodec } from '../../../../msgs/laser-scan.js';
import { odometryCodec } from '../../../../msgs/odometry.js';
import { pointCloud2Codec } from '../../../../msgs/point-cloud2.js';
import { stampToNs } from '../../../../msgs/stamp.js';
import { RELIABLE } from '../../../../nodes/transport/ros2/qos.js';
import { type GraphProcess, type LiveGraph, liveGraph, until } from './live-graph.js';

const BAG = path.join(
  process.env.RXDEPTH_DATA ?? path.join(packageRoot(), '..', 'shared', 'data'),
  'kitti_traffic_jam',
);
const IMAGE = '/kitti/camera/color/left/image_rect/compressed';
const INFO = '/kitti/camera/color/left/camera_info';
const FRAMES = 40;
/** A fifth of the recorded rate: nothing is dropped. */
const HZ = 2;
const RXDEPTH = fileURLToPath(new URL('../../../../bin/rxdepth.js', import.meta.url));

/** Outputs of every frame. */
const TOPICS: Readonly<Record<string, string>> = {
  'depth/image': imageCodec.type,
  'depth/camera_info': cameraInfoCodec.type,
  'depth/confidence': imageCodec.type,
  'segmentation/labels': imageCodec.type,
  'segmentation/color': imageCodec.type,
  'dynamic/mask': imageCodec.type,
  'dynamic/moving': imageCodec.type,
  'dynamic/tracks': detection3DArrayCodec.type,
  'dynamic/velocities': pointCloud2Codec.type,
  points: pointCloud2Codec.type,
  'points/static': pointCloud2Codec.type,
};
/** Those that some frames are without: the first has no motion, and a road may be out of sight. */
const NOT_OF_EVERY: Readonly<Record<string, string>> = {
  'points/obstacles': pointCloud2Codec.type,
  'points/dynamic': pointCloud2Codec.type,
  scan: laserScanCodec.type,
  odometry: odometryCodec.type,
};
const TYPES = { ...TOPICS, ...NOT_OF_EVERY };
const NAMES = Object.keys(TYPES);
const WITH_DATA = Object.entries(TYPES).filter(([, type]) =>
  [imageCodec.type, pointCloud2Codec.type].includes(type),
);

/** By topic and stamp: SHA-256. */
type Digests = Readonly<Record<string, string>>;

/** What a bag of outputs holds: the messages with all their fields, and the `data` of each. */
interface Held {
  readonly messages: Digests;
  readonly data: Digests;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const keyOf = (topic: string, { stamp }: Header) => `${topic} ${stampToNs(stamp)}`;

async function heldBy(bag: string, namespace: string): Promise<Held> {
  const messages: Record<string, string> = {};
  const data: Record<string, string> = {};
  const reader = await openBag(bag);
  const topics = NAMES.map((topic) => `${namespace}/${topic}`);
  for await (const { topic, type, cdr } of reader.messages({ topics })) {
    const codec = codecFor(type);
    if (codec === undefined) throw new Error(type);
    const message = codec.decode(cdr) as { header: Header; data?: Uint8Array };
    const key = keyOf(topic.slice(namespace.length + 1), message.header);
    // Encoded anew: DDS pads to four bytes, and says so in the encapsulation header.
    messages[key] = sha256(codec.encode(message));
    if (message.data) data[key] = sha256(message.data);
  }
  await reader.close();
  return { messages, data };
}

const countOf = (digests: Digests, topic: string): number =>
  Object.keys(digests).filter((key) => key.startsWith(`${topic} `)).length;

let folder: string | undefined;
let replay: Promise<Held> | undefined;

async function outputFolder(): Promise<string> {
  folder ??= await mkdtemp(path.join(os.tmpdir(), 'rxdepth-ros-'));
  return folder;
}

test.after.always(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
});

/** What `rxdepth replay` makes of the recording. */
async function replayed(): Promise<Held> {
  const output = path.join(await outputFolder(), 'replayed');
  await promisify(execFile)(process.execPath, [
    ...[RXDEPTH, 'replay', BAG, '--output', output, '--image', IMAGE],
    ...['--device', 'cpu', '--threads', '1', '--scale', '1', '--obstacles'],
  ]);
  return await heldBy(output, '/rxdepth');
}

/** The node, a subscriber and `ros2 bag record` hear what `play` lets the camera say; compared with the replay. */
async function compare(
  t: ExecutionContext,
  graph: LiveGraph,
  name: string,
  play: () => GraphProcess,
  remaps: Readonly<Record<string, string>> = {},
): Promise<void> {
  replay ??= replayed();
  const expected = await replay;
  for (const topic of Object.keys(TOPICS)) t.is(countOf(expected.messages, topic), FRAMES, topic);
  for (const topic of Object.keys(NOT_OF_EVERY)) t.true(countOf(expected.messages, topic) > 0, topic);
  const node = graph.perception(
    {
      ...{ compressed: true, max_age: '0.0', camera_kind: 'rectified' },
      ...{ scale_source: 'constant', scale: '1.0', image_reliability: 'reliable' },
    },
    { remaps },
  );
  await node.says(/configured/);
  const heard = WITH_DATA.map(([topic, type]) => ({
    topic,
    ...graph.listen<{ header: Header; data: { sha256: string } }>(
      topic,
      type,
      { ...RELIABLE, depth: 100 },
      'sha256',
    ),
  }));
  const recorded = path.join(await outputFolder(), name);
  const recorder = graph.command('ros2', [
    ...['bag', 'record', '--storage', 'mcap', '--output', recorded, '--topics'],
    ...NAMES.map((topic) => `/${topic}`),
  ]);
  const records = await Promise.race([
    recorder.exited.then(() => false),
    Promise.all(NAMES.map((topic) => recorder.says(new RegExp(`Subscribed to topic '/${topic}'`)))).then(
      () => true,
    ),
  ]);
  const camera = play();
  await until(
    () => heard.every(({ topic, messages }) => messages.length >= countOf(expected.data, topic)),
    () =>
      `${FRAMES} of each or as replay has, not ${heard.map(({ topic, messages }) => `${messages.length} ${topic}`)}; the node said ${node.said}, the camera ${camera.said}`,
  );
  const live = Object.fromEntries(
    heard.flatMap(({ topic, messages }) =>
      messages.map(({ header, data }) => [keyOf(topic, header), data.sha256] as const),
    ),
  );
  t.deepEqual(live, expected.data);
  if (records) {
    await recorder.end('SIGINT');
    t.deepEqual((await heldBy(recorded, '')).messages, expected.messages, recorder.said);
  } else t.log(`SKIPPED: ros2 bag record: ${recorder.said.trim().split('\n').at(-1)}`);
}

/** Undefined, and a word about it, where there is no ROS or no recording. */
async function graphAndBag(t: ExecutionContext): Promise<LiveGraph | undefined> {
  const graph = await liveGraph(t);
  if (graph === undefined) return undefined;
  if (existsSync(BAG)) return graph;
  t.log(`SKIPPED: ${BAG} is not here (RXDEPTH_DATA names the folder of the recorded drives)`);
  t.pass();
  return undefined;
}

test.serial(
  'what a live node publishes, and ros2 bag records, are the messages of the ROS-free replay',
  async (t) => {
    const graph = await graphAndBag(t);
    if (graph === undefined) return;
    const awaits = { 'depth/image': imageCodec.type, 'points/static': pointCloud2Codec.type };
    const stream = { bag: BAG, image: IMAGE, info: INFO, hz: HZ, frames: FRAMES };
    const options = { ...stream, recordedStamps: true, awaits };
    await compare(t, graph, 'recorded', () => graph.bagCamera(options));
  },
);

test.serial('so they are when ros2 bag plays the recording', async (t) => {
  const graph = await graphAndBag(t);
  if (graph === undefined) return;
  const installed = graph.command('ros2', ['bag', 'info', BAG]);
  if ((await installed.exited) !== 0) {
    t.log(`SKIPPED: ros2 bag cannot be run: ${installed.said.trim().split('\n').at(-1)}`);
    t.pass();
    return;
  }
  await compare(
    t,
    graph,
    'played',
    () => graph.command('ros2', ['bag', 'play', BAG, '--rate', String(HZ / 10), '--delay', '3']),
    { 'image/compressed': IMAGE, camera_info: INFO },
  );
});
