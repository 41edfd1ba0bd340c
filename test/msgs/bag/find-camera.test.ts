import test from 'ava';
import type { BagMessage, BagReader } from '../../../msgs/bag/bag-reader.js';
import { findCamera } from '../../../msgs/bag/find-camera.js';
import { codecFor } from '../../../msgs/codecs.js';
import { CAMERA_INFO, COMPRESSED, IMAGE } from '../../nodes/test-bag.js';
import { testImage, testInfo } from '../../nodes/test-messages.js';

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
    name: 'MessageError',
    message: /`--image`:\n {2}\/left\/image_raw .*\n {2}\/right\/image_raw/,
  });
  t.is((await findCamera(bag(topics), { image: '/left/image_raw' })).infoTopic, '/left/camera_info');
});

test('a bag without a camera lists what it has', async (t) => {
  await t.throwsAsync(findCamera(bag({ '/points': 'sensor_msgs/msg/PointCloud2' }), {}), {
    name: 'MessageError',
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

test('names are hints: the only camera is found wherever it lives', async (t) => {
  for (const namespace of [
    'depthai/rgb',
    'depth_camera/rgb',
    'masked_robot/front',
    'dynamic',
    'labels',
    'depth',
  ]) {
    const topics = { [`/${namespace}/image_raw`]: IMAGE, [`/${namespace}/camera_info`]: CAMERA_INFO };
    t.is((await findCamera(bag(topics))).topic, `/${namespace}/image_raw`);
    const far = { [`/${namespace}/image_raw`]: IMAGE, '/info': CAMERA_INFO };
    t.is((await findCamera(bag(far))).infoTopic, '/info', namespace);
  }
});

test('beside results of the same namespace the camera is found, and the reason is said', async (t) => {
  const mono = { ...testImage(), encoding: 'mono8' };
  const depth = { ...testImage(), encoding: '16UC1' };
  const topics = {
    '/depthai/rgb/image_raw': IMAGE,
    '/depthai/rgb/camera_info': CAMERA_INFO,
    '/depthai/stereo/image': IMAGE,
    '/depthai/rgb/labels': IMAGE,
  };
  const messages = { '/depthai/stereo/image': depth, '/depthai/rgb/labels': mono };
  const { topic, reasons } = await findCamera(bag(topics, messages));
  t.is(topic, '/depthai/rgb/image_raw');
  t.regex(reasons[0] ?? '', /with a camera_info beside it, rgb8, .*rather than \/depthai\/rgb\/labels/);
});

test("a replay's output without images has no camera, and the refusal names the option that takes one all the same", async (t) => {
  const mono = { ...testImage(), encoding: 'mono8' };
  const topics = {
    '/rxdepth/segmentation/labels': IMAGE,
    '/rxdepth/segmentation/color': IMAGE,
    '/rxdepth/dynamic/mask': IMAGE,
    '/rxdepth/depth/camera_info': CAMERA_INFO,
  };
  const messages = { '/rxdepth/segmentation/labels': mono, '/rxdepth/dynamic/mask': mono };
  await t.throwsAsync(findCamera(bag(topics, messages)), {
    message: /no camera image.*`--image TOPIC`:\n.*segmentation\/labels/s,
  });
  const named = await findCamera(bag(topics, messages), { image: '/rxdepth/segmentation/color' });
  t.is(named.infoTopic, '/rxdepth/depth/camera_info');
});

test('other transports of one camera are the same camera, and the camera_info beside it is found', async (t) => {
  for (const suffix of ['/compressed', '_compressed', '/jpeg', '/compressed/throttle']) {
    const topics = {
      [`/cam/image_raw${suffix}`]: COMPRESSED,
      '/cam/camera_info': CAMERA_INFO,
      '/b/camera_info': CAMERA_INFO,
    };
    t.is((await findCamera(bag(topics))).infoTopic, '/cam/camera_info', suffix);
    const both = { ...topics, '/cam/image_raw': IMAGE };
    const { topic, reasons } = await findCamera(bag(both));
    t.is(topic, '/cam/image_raw');
    t.true(reasons[0]?.includes(`not compressed, as is /cam/image_raw${suffix}`));
  }
  const depth = { header: testImage().header, format: '16UC1; compressedDepth', data: Uint8Array.of(1) };
  const topics = { '/a/image/compressedDepth': COMPRESSED, '/b/image': IMAGE, '/b/camera_info': CAMERA_INFO };
  t.is((await findCamera(bag(topics, { '/a/image/compressedDepth': depth }))).topic, '/b/image');
});

test('rectified is what a word of the topic says', async (t) => {
  const kinds: Record<string, 'raw' | 'rectified'> = {
    '/cam/image_rect_color/compressed': 'rectified',
    '/zed/rgb/color/rect/image': 'rectified',
    '/cam/image_undistorted': 'rectified',
    '/cam/image_raw': 'raw',
    '/direct/image': 'raw',
    '/cam/unrectified': 'raw',
  };
  for (const [topic, kind] of Object.entries(kinds)) {
    const type = topic.endsWith('compressed') ? COMPRESSED : IMAGE;
    t.is((await findCamera(bag({ [topic]: type, '/info': CAMERA_INFO }))).kind, kind, topic);
  }
});

test('video that is not decoded is refused by its name with what to do, named or not', async (t) => {
  const theora = 'theora_image_transport/msg/Packet';
  const topics = { '/cam/image/video': theora, '/cam/camera_info': CAMERA_INFO };
  const message = new RegExp(`is video \\(${theora}\\).*image_transport republish theora raw`, 's');
  await t.throwsAsync(findCamera(bag(topics)), { name: 'MessageError', message });
  await t.throwsAsync(findCamera(bag(topics), { image: '/cam/image/video' }), { message });
  const reader = bag({ '/cam/video': 'foxglove.CompressedVideo' });
  const protobuf = {
    ...reader,
    topics: reader.topics.map((topic) => ({ ...topic, serialization: 'protobuf' })),
  };
  await t.throwsAsync(findCamera(protobuf), {
    message: /messages of `protobuf`.*foxglove_msgs\/msg\/CompressedVideo/,
  });
});

test('refusals name the options of the place where the camera is asked for', async (t) => {
  const names = { image: '?image=TOPIC', cameraInfo: '?camera_info=TOPIC' };
  const topics = { '/left/image_raw': IMAGE, '/right/image_raw': IMAGE };
  await t.throwsAsync(findCamera(bag(topics), { names }), { message: /`\?image=TOPIC`/ });
  await t.throwsAsync(findCamera(bag(topics), { names, image: '/left/image_raw' }), {
    message: /no camera_info for \/left\/image_raw; record it with the images/,
  });
});

test('a bag of which nothing could be read says so where no camera is found in it', async (t) => {
  const chunk = {
    file: 'drive/drive_0.mcap',
    what: 'at byte 30: unknown compression `xz`, expected `zstd`, `lz4` or none',
    lost: '20 messages',
  };
  const unread = {
    ...bag({ '/imu': 'sensor_msgs/msg/Imu' }),
    problems: Array.from({ length: 7 }, () => chunk),
  };
  const { message } = await t.throwsAsync(findCamera(unread));
  t.regex(message, /has no camera image that can be read/);
  t.regex(
    message,
    /\nNot all of it could be read:\n {2}drive\/drive_0\.mcap: .*unknown compression `xz`.*; lost: 20 messages\n/,
  );
  t.regex(message, /and 2 more$/);
});
