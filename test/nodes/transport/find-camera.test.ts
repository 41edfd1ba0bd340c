import test from 'ava';
import type { BagMessage, BagReader } from '../../../msgs/bag/bag-reader.js';
import { codecFor } from '../../../msgs/codecs.js';
import { findCamera } from '../../../nodes/transport/bag/find-camera.js';
import { CAMERA_INFO, COMPRESSED, IMAGE } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';

/** A bag in memory with one message a topic. */
function bag(topics: Record<string, string>, messages: Record<string, unknown> = {}): BagReader {
  const defaults: Record<string, unknown> = {
    [IMAGE]: testImage(),
    [COMPRESSED]: { header: testImage().header, format: 'jpeg', data: Uint8Array.of(1) },
    [CAMERA_INFO]: testInfo(),
  };
  return {
    path: 'drive',
    topics: Object.entries(topics).map(([topic, type]) => ({ topic, type, serialization: 'cdr' })),
    problems: [],
    close: async () => {},
    async *messages(options) {
      for (const [topic, type] of Object.entries(topics)) {
        const message = messages[topic] ?? defaults[type];
        if (message === undefined || !(options?.topics ?? [topic]).includes(topic)) continue;
        const cdr = codecFor(type)?.encode(message) ?? new Uint8Array();
        yield { topic, type, logTimeNs: 1n, publishTimeNs: 1n, cdr } satisfies BagMessage;
      }
    },
  };
}

test('the only camera and the camera_info beside it are found', async (t) => {
  const camera = await findCamera(
    bag({
      '/cam/color/image_rect/compressed': COMPRESSED,
      '/cam/color/camera_info': CAMERA_INFO,
      '/cam/depth/camera_info': CAMERA_INFO,
      '/cam/depth/image': IMAGE,
      '/rxdepth/segmentation/labels': IMAGE,
      '/points': 'sensor_msgs/msg/PointCloud2',
    }),
    {},
  );
  t.is(camera.topic, '/cam/color/image_rect/compressed');
  t.is(camera.infoTopic, '/cam/color/camera_info');
  t.is(camera.kind, 'rectified');
  t.is(camera.firstInfo?.message.width, 64);
});

test('of one camera in two transports the uncompressed one is taken', async (t) => {
  const topics = {
    '/cam/image_raw/compressed': COMPRESSED,
    '/cam/image_raw': IMAGE,
    '/cam/camera_info': CAMERA_INFO,
  };
  const camera = await findCamera(bag(topics), {});
  t.deepEqual([camera.topic, camera.kind], ['/cam/image_raw', 'raw']);
});

test('a depth image that its name does not give away is known by its encoding', async (t) => {
  const depth = { ...testImage(), encoding: '32FC1' };
  const topics = { '/a/image': IMAGE, '/b/image': IMAGE, '/b/camera_info': CAMERA_INFO };
  t.is((await findCamera(bag(topics, { '/a/image': depth }), {})).topic, '/b/image');
});

test('several cameras are listed', async (t) => {
  const topics = { '/left/image_raw': IMAGE, '/right/image_raw': IMAGE, '/left/camera_info': CAMERA_INFO };
  await t.throwsAsync(findCamera(bag(topics), {}), {
    name: 'NodeError',
    message: /`--image`:\n {2}\/left\/image_raw .*\n {2}\/right\/image_raw/,
  });
  t.is((await findCamera(bag(topics), { image: '/left/image_raw' })).infoTopic, '/left/camera_info');
});

test('a bag without a camera lists what it has', async (t) => {
  await t.throwsAsync(findCamera(bag({ '/points': 'sensor_msgs/msg/PointCloud2' }), {}), {
    name: 'NodeError',
    message: /no camera image.*\/points \(sensor_msgs\/msg\/PointCloud2\)/s,
  });
});

test('a named topic must be an image', async (t) => {
  const topics = { '/cam/image': IMAGE, '/cam/camera_info': CAMERA_INFO };
  await t.throwsAsync(findCamera(bag(topics), { image: '/nope' }), {
    message: /no topic `\/nope`.*\/cam\/image/s,
  });
  await t.throwsAsync(findCamera(bag(topics), { image: '/cam/camera_info' }), {
    message: /expected `sensor_msgs/,
  });
});

test('without a camera_info beside the image, the only one serves; of several none is guessed', async (t) => {
  const topics = { '/cam/image': IMAGE, '/elsewhere/camera_info': CAMERA_INFO };
  t.is((await findCamera(bag(topics), {})).infoTopic, '/elsewhere/camera_info');
  await t.throwsAsync(findCamera(bag({ ...topics, '/third/camera_info': CAMERA_INFO }), {}), {
    message: /`--camera-info`.*\/elsewhere\/camera_info.*\/third\/camera_info/s,
  });
  await t.throwsAsync(findCamera(bag({ '/cam/image': IMAGE }), {}), {
    message: /no camera_info.*--intrinsics/s,
  });
  t.is((await findCamera(bag({ '/cam/image': IMAGE }), { intrinsics: true })).infoTopic, undefined);
});

test('the kind of the camera can be said explicitly', async (t) => {
  const topics = { '/cam/image_color': IMAGE, '/cam/camera_info': CAMERA_INFO };
  t.is((await findCamera(bag(topics), { cameraKind: 'rectified' })).kind, 'rectified');
});
