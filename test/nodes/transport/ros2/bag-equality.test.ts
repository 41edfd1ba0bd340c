import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { packageRoot } from '../../../../models/package-root.js';
import { openBag } from '../../../../msgs/bag/open-bag.js';
import { type Image, imageCodec } from '../../../../msgs/image.js';
import { stampToNs } from '../../../../msgs/stamp.js';
import { RELIABLE } from '../../../../nodes/transport/ros2/qos.js';
import { liveGraph, until } from './live-graph.js';

const BAG = path.join(
  process.env.RXDEPTH_DATA ?? path.join(packageRoot(), '..', 'shared', 'data'),
  'kitti_traffic_jam',
);
const CAMERA = '/kitti/camera/color/left';
const FRAMES = 6;
const TOPICS = ['depth/image', 'segmentation/labels'];
const RXDEPTH = fileURLToPath(new URL('../../../../bin/rxdepth.js', import.meta.url));

/** By topic and stamp: SHA-256 of the pictures. */
type Digests = Readonly<Record<string, string>>;

async function digestsOf(bag: string, namespace: string): Promise<Digests> {
  const digests: Record<string, string> = {};
  const reader = await openBag(bag);
  const topics = TOPICS.map((topic) => `${namespace}/${topic}`);
  for await (const { topic, cdr } of reader.messages({ topics })) {
    const { header, data } = imageCodec.decode(cdr);
    const key = `${topic.slice(namespace.length + 1)} ${stampToNs(header.stamp)}`;
    digests[key] = createHash('sha256').update(data).digest('hex');
  }
  await reader.close();
  return digests;
}

test('what a live node publishes, and ros2 bag records, are the bytes of the ROS-free replay', async (t) => {
  const graph = await liveGraph(t, 6);
  if (graph === undefined) return;
  if (!existsSync(BAG)) {
    t.log(`SKIPPED: ${BAG} is not here (RXDEPTH_DATA names the folder of the recorded drives)`);
    t.pass();
    return;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-ros-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const replayed = path.join(folder, 'replayed');
  await promisify(execFile)(process.execPath, [
    ...[RXDEPTH, 'replay', BAG, '--output', replayed, '--image', `${CAMERA}/image_rect/compressed`],
    ...['--device', 'cpu', '--threads', '1', '--limit', String(FRAMES)],
  ]);
  const expected = await digestsOf(replayed, '/rxdepth');
  t.is(Object.keys(expected).length, FRAMES * TOPICS.length);

  const node = graph.perception({
    ...{ compressed: true, max_age: '0.0', camera_kind: 'rectified' },
    ...{ scale_source: 'constant', scale: '1.0', image_reliability: 'reliable' },
  });
  await node.says(/configured/);
  const heard = TOPICS.map((topic) => ({
    topic,
    ...graph.listen<Omit<Image, 'data'> & { data: { sha256: string } }>(
      topic,
      imageCodec.type,
      RELIABLE,
      true,
    ),
  }));
  const recorded = path.join(folder, 'recorded');
  const recorder = graph.command('ros2', [
    ...['bag', 'record', '--storage', 'mcap', '--output', recorded, '--topics'],
    ...TOPICS.map((topic) => `/${topic}`),
  ]);
  const records = await Promise.race([
    recorder.exited.then(() => false),
    ...TOPICS.map((topic) => recorder.says(new RegExp(`Subscribed to topic '/${topic}'`)).then(() => true)),
  ]);
  graph.bagCamera({
    ...{ bag: BAG, image: `${CAMERA}/image_rect/compressed`, info: `${CAMERA}/camera_info` },
    ...{ hz: 0.5, frames: FRAMES, recordedStamps: true },
  });
  await until(
    () => heard.every(({ messages }) => messages.length >= FRAMES),
    `${FRAMES} frames; the node said ${node.said}`,
  );
  const live = Object.fromEntries(
    heard.flatMap(({ topic, messages }) =>
      messages.map(({ header, data }) => [`${topic} ${stampToNs(header.stamp)}`, data.sha256] as const),
    ),
  );
  t.deepEqual(live, expected);
  if (records) {
    await recorder.end('SIGINT');
    t.deepEqual(await digestsOf(recorded, ''), expected, recorder.said);
  } else t.log(`ros2 bag was left out: ${recorder.said.trim().split('\n').at(-1)}`);
});
