import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../../models/package-root.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { cameraModel } from '../../../msgs/camera/camera-model.js';
import { cameraInfoCodec } from '../../../msgs/camera-info.js';
import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { imageCodec } from '../../../msgs/image.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { runReplay } from '../../../nodes/cli/run-replay.js';
import { writeTestModel } from '../test-model.js';

const DATA = process.env.RXDEPTH_DATA ?? path.join(packageRoot(), '..', 'shared', 'data');
const FRAMES = 4;

const DRIVES = {
  kitti_traffic_jam: {
    image: '/kitti/camera/color/left/image_rect/compressed',
    size: [1242, 375],
    kind: 'rectified',
  },
  kitti_street_0: { image: '/camera/image_raw/compressed', size: [1088, 192], kind: 'raw' },
  kitti_street_1: { image: '/camera/image_raw/compressed', size: [1088, 192], kind: 'raw' },
  highway_dashcam: { image: '/dashcam/image_raw/compressed', size: [960, 540], kind: 'raw' },
} as const;

async function* messages(bag: string, topic: string): AsyncGenerator<Uint8Array> {
  const reader = await openBag(bag);
  for await (const { cdr } of reader.messages({ topics: [topic] })) yield cdr;
  await reader.close();
}

async function collect<T>(bag: string, topic: string, decode: (cdr: Uint8Array) => T): Promise<T[]> {
  const all: T[] = [];
  for await (const cdr of messages(bag, topic)) all.push(decode(cdr.slice()));
  return all;
}

for (const [name, { image, size, kind }] of Object.entries(DRIVES)) {
  test.serial(
    `${name}: outputs have the sizes and stamps of the images, points lie on the depth image`,
    async (t) => {
      const bag = path.join(DATA, name);
      if (!existsSync(bag)) {
        t.log(`skipped: ${bag} is not here (RXDEPTH_DATA names the folder of the recorded drives)`);
        t.pass();
        return;
      }
      const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-drive-'));
      t.teardown(() => rm(folder, { recursive: true }));
      const output = path.join(folder, 'out');
      const summary = await runReplay(
        {
          ...{
            bag,
            output,
            model: await writeTestModel(path.join(folder, 'model')),
            device: 'cpu',
            pointsStride: 4,
          },
          ...{
            depthEncoding: '32FC1',
            pictureEvery: 10,
            limit: FRAMES,
            images: false,
            overwrite: false,
            verbose: false,
          },
        },
        { progress: { write: () => {} }, signal: new AbortController().signal },
      );
      t.deepEqual([summary.imageTopic, summary.cameraKind, summary.framesOut], [image, kind, FRAMES]);

      const stamps = (await collect(bag, image, (cdr) => compressedImageCodec.decode(cdr).header))
        .slice(0, FRAMES)
        .map(({ stamp }) => stampToNs(stamp));
      for (const topic of ['depth/image', 'segmentation/labels', 'segmentation/color', 'dynamic/mask']) {
        const written = await collect(output, `/rxdepth/${topic}`, imageCodec.decode);
        t.deepEqual(
          written.map(({ header }) => stampToNs(header.stamp)),
          stamps,
          topic,
        );
        t.true(
          written.every(({ width, height }) => width === size[0] && height === size[1]),
          topic,
        );
      }

      const [depth] = await collect(output, '/rxdepth/depth/image', imageCodec.decode);
      const [cloud] = await collect(output, '/rxdepth/points', pointCloud2Codec.decode);
      const [info] = await collect(output, '/rxdepth/depth/camera_info', cameraInfoCodec.decode);
      if (depth === undefined || cloud === undefined || info === undefined) return t.fail();
      const meters = new Float32Array(depth.data.slice().buffer);
      const { fx, fy, cx, cy } = cameraModel(info, kind).intrinsics;
      const view = new DataView(cloud.data.buffer, cloud.data.byteOffset);
      for (let row = 1; row < cloud.height; row += 17) {
        for (let column = 2; column < cloud.width; column += 23) {
          const at = row * cloud.row_step + column * cloud.point_step;
          const [x = 0, y = 0, z = 0] = [0, 4, 8].map((offset) => view.getFloat32(at + offset, true));
          const expected = meters[row * 4 * depth.width + column * 4] ?? 0;
          if (!Number.isFinite(expected)) t.true(Number.isNaN(z));
          else {
            t.is(z, expected);
            t.true(Math.abs((fx * x) / z + cx - column * 4) < 0.01);
            t.true(Math.abs((fy * y) / z + cy - row * 4) < 0.01);
          }
        }
      }
      return undefined;
    },
  );
}
