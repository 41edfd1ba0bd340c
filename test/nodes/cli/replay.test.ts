import { rm } from 'node:fs/promises';
import anyTest, { type TestFn } from 'ava';
import { cameraInfoCodec } from '../../../msgs/camera-info.js';
import { imageCodec } from '../../../msgs/image.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { logTime, type RecordedMessage, TF } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { TEST_HEIGHT, TEST_WIDTH } from '../test-model.js';

import { drive, of, type ReplayContext, replay, replayContext, stamp } from './test-replay.js';

const test = anyTest as TestFn<ReplayContext>;

test.before(async (t) => {
  t.context = await replayContext();
});

test.after.always((t) => rm(t.context.folder, { recursive: true }));

test.serial('every image gets one message on every topic, with its header, size and log time', async (t) => {
  const { summary, output } = await replay(t, drive(12));
  t.is(summary.framesOut, 12);
  t.is(summary.framesFailed, 0);
  const encodings = {
    '/rxdepth/depth/image': '32FC1',
    '/rxdepth/segmentation/labels': 'mono8',
    '/rxdepth/segmentation/color': 'rgb8',
    '/rxdepth/dynamic/mask': 'mono8',
  };
  for (const [topic, encoding] of Object.entries(encodings)) {
    const messages = of(output, topic);
    t.deepEqual(
      messages.map(({ logTimeNs }) => logTimeNs),
      Array.from({ length: 12 }, (_, i) => logTime(i)),
      topic,
    );
    messages.forEach(({ cdr }, i) => {
      const decoded = imageCodec.decode(cdr);
      t.is(stampToNs(decoded.header.stamp), stamp(i));
      t.deepEqual(
        [decoded.header.frame_id, decoded.width, decoded.height, decoded.encoding],
        ['camera', TEST_WIDTH, TEST_HEIGHT, encoding],
      );
    });
  }
  const clouds = of(output, '/rxdepth/points').map(({ cdr }) => pointCloud2Codec.decode(cdr));
  t.is(clouds.length, 12);
  t.is(stampToNs(clouds[7]?.header.stamp ?? { sec: 0, nanosec: 0 }), stamp(7));
  const infos = of(output, '/rxdepth/depth/camera_info').map(({ cdr }) => cameraInfoCodec.decode(cdr));
  t.deepEqual([...(infos[3]?.k ?? [])], testInfo().k);
  t.is(stampToNs(infos[3]?.header.stamp ?? { sec: 0, nanosec: 0 }), stamp(3));
});

test.serial('tf_static and camera_info are copied, the images on request', async (t) => {
  const transforms: RecordedMessage = {
    topic: '/tf_static',
    type: TF,
    logTimeNs: logTime(0),
    message: { transforms: [] },
  };
  const messages = [transforms, ...drive(3)];
  const { output } = await replay(t, messages, { images: true });
  t.is(of(output, '/tf_static').length, 1);
  t.is(of(output, '/camera/camera_info').length, 3);
  t.deepEqual(
    of(output, '/camera/image_raw').map(({ cdr }) => Buffer.from(cdr).equals(imageCodec.encode(testImage()))),
    [false, false, false],
    'stamps differ',
  );
  t.deepEqual(
    of(output, '/camera/image_raw').map(({ cdr }) => imageCodec.decode(cdr).data.length),
    [0, 1, 2].map(() => testImage().data.length),
  );
});

test.serial('--limit ends after so many images and still finishes the bag', async (t) => {
  const { summary, output } = await replay(t, drive(30), { limit: 4 });
  t.is(summary.framesOut, 4);
  t.is(of(output, '/rxdepth/depth/image').length, 4);
  t.false(summary.interrupted);
});

test.serial('--rate keeps the pace of the recording', async (t) => {
  const { summary } = await replay(t, drive(6), { rate: 2 });
  t.is(summary.framesOut, 6);
  t.true(summary.seconds >= 0.25, `0.5 s of recording at twice its speed, took ${summary.seconds} s`);
});

test.serial('stopping early finishes the frames in flight and closes the bag properly', async (t) => {
  const { summary, output } = await replay(t, drive(200), { rate: 1 }, new AbortController());
  t.true(summary.interrupted);
  t.true(summary.framesOut > 0 && summary.framesOut < 100);
  t.is(of(output, '/rxdepth/depth/image').length, summary.framesOut);
  t.is(of(output, '/rxdepth/points').length, summary.framesOut);
});
