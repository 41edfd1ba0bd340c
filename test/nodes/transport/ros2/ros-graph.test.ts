import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import type { CameraInfo } from '../../../../msgs/camera-info.js';
import type { Image } from '../../../../msgs/image.js';
import type { LabelInfo } from '../../../../msgs/label-info.js';
import type { PerceptionStatus } from '../../../../msgs/perception-status.js';
import type { PointCloud2 } from '../../../../msgs/point-cloud2.js';
import { stampToNs } from '../../../../msgs/stamp.js';
import { LATCHED } from '../../../../nodes/transport/ros2/qos.js';
import { writeTestBag } from '../../test-bag.js';
import { SECOND, testImage, testInfo } from '../../test-messages.js';
import { writeTestModel } from '../../test-model.js';
import { endsWell, liveGraph, until } from './live-graph.js';

const IMAGE = 'sensor_msgs/msg/Image';

test('a camera driver, the perception node and a subscriber as three processes', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-ros-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const model = await writeTestModel(path.join(folder, 'model'));
  const { data, width, height, step, header } = testImage();
  const packed = Buffer.concat(
    Array.from({ length: height }, (_, row) => data.subarray(row * step, row * step + width * 3)),
  );
  const png = await sharp(packed, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const image = { header, format: 'png', data: png };
  const bag = await writeTestBag(path.join(folder, 'bag'), [
    { topic: '/info', type: 'sensor_msgs/msg/CameraInfo', logTimeNs: SECOND, message: testInfo() },
    { topic: '/image', type: 'sensor_msgs/msg/CompressedImage', logTimeNs: SECOND, message: image },
  ]);

  const node = graph.perception({ compressed: true, model, max_age: '0.0' });
  await node.says(/configured with model test\/3/);
  const driver = graph.bagCamera({ bag, image: '/image', info: '/info', hz: 10, frames: 1000 });
  const depth = graph.listen<Image>('depth/image', IMAGE);
  const info = graph.listen<CameraInfo>('depth/camera_info', 'sensor_msgs/msg/CameraInfo');
  const others = ['segmentation/labels', 'segmentation/color', 'dynamic/mask'].map((topic) =>
    graph.listen<Image>(topic, IMAGE),
  );
  const points = graph.listen<PointCloud2>('points', 'sensor_msgs/msg/PointCloud2');
  const status = graph.listen<PerceptionStatus>('status', 'rxdepth_msgs/msg/PerceptionStatus');
  const labels = graph.listen<LabelInfo>('segmentation/label_info', 'vision_msgs/msg/LabelInfo', LATCHED);
  const all = [depth, info, ...others, points];
  await until(
    () => all.every(({ messages }) => messages.length >= 20) && status.messages.length >= 3,
    () => `20 of each; the node said ${node.said}, the driver ${driver.said}`,
  );

  t.like(depth.messages[0], { header: { frame_id: 'camera' }, height: 32, width: 64, encoding: '32FC1' });
  t.like(points.messages[0], { header: { frame_id: 'camera' }, height: 8, width: 16, is_dense: false });
  t.is(labels.messages.length, 1);
  const stampsOf = (messages: readonly { readonly header: Image['header'] }[]) =>
    messages.map((message) => stampToNs(message.header.stamp));
  const common = new Set(stampsOf(depth.messages));
  for (const { messages } of [info, ...others, points]) {
    t.true(stampsOf(messages).filter((stamp) => common.has(stamp)).length >= 15);
  }

  await endsWell(t, node, 'SIGINT');
});
