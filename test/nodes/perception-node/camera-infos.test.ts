import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { VersionStore } from '../../../models/versions/version-store.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { Image } from '../../../msgs/image.js';
import { CameraInfos } from '../../../nodes/perception-node/camera-infos.js';
import { DEFAULTS } from '../../../nodes/perception-node/parameters.js';
import { PerceptionNode } from '../../../nodes/perception-node/perception-node.js';
import { LATCHED, SENSOR_DATA } from '../../../nodes/transport/ros2/qos.js';
import { eventually, FakeRos } from '../fake-ros.js';
import { delivered, SECOND, testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';

const INFO = 'sensor_msgs/msg/CameraInfo';
const COMPRESSED = 'sensor_msgs/msg/CompressedImage';

const info = (stampNs: bigint) => delivered(testInfo({ stampNs }), 'camera_info', INFO);

async function compressed(stampNs: bigint) {
  const { width, height, header } = testImage({ stampNs });
  const grey = { width, height, channels: 3, background: '#808080' } as const;
  const data = await sharp({ create: grey }).png().toBuffer();
  return delivered({ header, format: 'png', data }, 'image/compressed', COMPRESSED);
}

for (const latched of [true, false]) {
  for (const lazy of [true, false]) {
    for (const raw of [true, false]) {
      const name = `${latched ? 'latched' : 'streamed'} camera_info, ${lazy ? 'lazy' : 'not lazy'}, ${raw ? 'raw' : 'compressed'}`;
      test.serial(`${name}: every image that is wanted has its depth`, async (t) => {
        const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-info-'));
        const model = await writeTestModel(path.join(folder, 'model'));
        const ros = new FakeRos();
        const given = { model, device: 'cpu', threads: 1, lazy, compressed: !raw, motion: false } as const;
        const store = new VersionStore({ home: path.join(folder, 'home'), shipped: model });
        const node = new PerceptionNode(ros, { ...DEFAULTS, ...given }, new Map(), store);
        t.teardown(async () => {
          await node.shutdown();
          await rm(folder, { recursive: true });
        });
        const qos = latched ? LATCHED : SENSOR_DATA;
        ros.publishers.set('camera_info', [{ node: '/camera', type: INFO, qos }]);
        // Sent once, before anybody listens.
        if (latched) ros.receive(info(SECOND));
        node.configure();
        node.activate();
        ros.listeners.set('depth/image', 1);
        const image = raw ? 'image' : 'image/compressed';
        await eventually(() => ros.subscribed.get(image) === 1);
        for (let second = 2n; second <= 4n; second++) {
          const stampNs = second * SECOND;
          if (!latched) ros.receive(info(stampNs));
          ros.receive(raw ? delivered(testImage({ stampNs }), image) : await compressed(stampNs));
          await eventually(() => ros.on('depth/image').length === Number(second) - 1);
        }
        t.deepEqual(
          ros.on<Image>('depth/image').map(({ header }) => header.stamp.sec),
          [2, 3, 4],
        );
        t.deepEqual(
          ros.said.filter((text) => /camera_info/.test(text)),
          [],
        );
      });
    }
  }
}

test('one that a latching publisher sends beside every image is not taken for the only one', (t) => {
  const ros = new FakeRos();
  ros.publishers.set('camera_info', [{ node: '/camera', type: INFO, qos: LATCHED }]);
  const infos = new CameraInfos(ros, 'camera_info', SENSOR_DATA, () => {});
  t.false(infos.latched);
  ros.receive(info(SECOND));
  t.true(infos.latched);
  infos.imageArrived();
  ros.receive(info(2n * SECOND));
  infos.imageArrived();
  t.false(infos.latched);
  infos.imageArrived();
  t.true(infos.latched, 'two images without one of their own');
  infos.end();
});

test('who listens later gets the latest one; a streamed one from after a jump back of time is forgotten', (t) => {
  const ros = new FakeRos();
  const infos = new CameraInfos(ros, 'camera_info', SENSOR_DATA, () => {});
  ros.receive(info(9n * SECOND));
  const heard = (): CameraInfo[] => {
    const all: CameraInfo[] = [];
    infos.info$.subscribe(({ message }) => all.push(message)).unsubscribe();
    return all;
  };
  t.is(heard()[0]?.header.stamp.sec, 9);
  infos.beginAgain(10n * SECOND);
  t.is(heard().length, 1);
  infos.beginAgain(2n * SECOND);
  t.is(heard().length, 0);
  infos.end();
});
