import { rm } from 'node:fs/promises';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import sharp from 'sharp';
import { cameraInfoCodec } from '../../../msgs/camera-info.js';
import { imageCodec } from '../../../msgs/image.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { formatSummary } from '../../../nodes/cli/replay-summary.js';
import { COMPRESSED, logTime, type RecordedMessage } from '../test-bag.js';
import { testImage } from '../test-messages.js';
import { TEST_HEIGHT, TEST_WIDTH } from '../test-model.js';

import { drive, image, info, of, type ReplayContext, replay, replayContext, stamp } from './test-replay.js';

const test = anyTest as TestFn<ReplayContext>;

test.before(async (t) => {
  t.context = await replayContext();
});

test.after.always((t) => rm(t.context.folder, { recursive: true }));

test.serial(
  'frames that cannot be processed are skipped, counted and explained; the others are all there',
  async (t) => {
    const messages = [
      ...drive(2),
      ...[image(2, { width: 40 }), info(2)],
      { ...image(3), message: { ...testImage({ stampNs: stamp(3) }), encoding: 'rgb7' } },
      info(3),
      { ...image(4), message: { ...testImage({ stampNs: stamp(4) }), step: 1 } },
      info(4),
      { ...image(5), message: { ...testImage({ stampNs: stamp(5) }), width: 0, height: 0 } },
      info(5),
      { ...image(6), bytes: Uint8Array.of(0, 1, 0, 0, 7) },
      ...[image(7), info(7)],
    ];
    const { summary, output } = await replay(t, messages);
    t.deepEqual([summary.framesIn, summary.framesOut, summary.framesFailed], [8, 3, 5]);
    t.is(of(output, '/rxdepth/depth/image').length, 3);
    const text = formatSummary(summary, true);
    for (const reason of [
      /announces images of 64 x 32.*but the image has 40 x 32/,
      /unknown `encoding` "rgb7"/,
      /`step`/,
      /got 0 x 0/,
      /1 x read:/,
    ]) {
      t.regex(text, reason);
    }
  },
);

test.serial('undecodable jpegs are skipped and counted', async (t) => {
  const picture = sharp(new Uint8Array(TEST_WIDTH * TEST_HEIGHT * 3).fill(90), {
    raw: { width: TEST_WIDTH, height: TEST_HEIGHT, channels: 3 },
  });
  const jpeg = await picture.jpeg().toBuffer();
  const compressed = (index: number, data: Uint8Array): RecordedMessage => ({
    ...{ topic: '/camera/image_raw/compressed', type: COMPRESSED, logTimeNs: logTime(index) },
    message: { header: testImage({ stampNs: stamp(index) }).header, format: 'jpeg', data },
  });
  const { summary } = await replay(t, [
    ...[compressed(0, jpeg), info(0), compressed(1, jpeg.subarray(0, 200)), info(1)],
    ...[
      compressed(2, new Uint8Array(9)),
      info(2),
      compressed(3, new Uint8Array()),
      info(3),
      compressed(4, jpeg),
      info(4),
    ],
  ]);
  t.deepEqual([summary.framesOut, summary.framesFailed], [2, 3]);
  t.is(summary.infoTopic, '/camera/camera_info');
});

test.serial('the image size may change in the middle when camera_info changes with it', async (t) => {
  const big = { width: 128, height: 96 };
  const messages = [...drive(3), ...[3, 4].flatMap((index) => [image(index, big), info(index, big)])];
  const { summary, output } = await replay(t, messages);
  t.is(summary.framesFailed, 0);
  const clouds = of(output, '/rxdepth/points').map(({ cdr }) => pointCloud2Codec.decode(cdr).width);
  t.deepEqual(clouds, [16, 16, 16, 32, 32]);
});

test.serial(
  'images with earlier stamps are kept in the order of the recording, with a warning',
  async (t) => {
    const order = [0, 1, 3, 2, 4];
    const messages = order.flatMap((index, at) => [
      { ...image(index), logTimeNs: logTime(at) },
      { ...info(index), logTimeNs: logTime(at) },
    ]);
    const { summary, output, progress } = await replay(t, messages);
    t.is(summary.framesOut, 5);
    t.deepEqual(
      of(output, '/rxdepth/depth/image').map(({ cdr }) => stampToNs(imageCodec.decode(cdr).header.stamp)),
      order.map(stamp),
    );
    t.regex(progress, /earlier stamp/);
  },
);

test.serial('intrinsics given by the user stand in for a missing camera_info', async (t) => {
  const messages = [image(0), image(1)];
  await t.throwsAsync(replay(t, messages), {
    name: 'MessageError',
    message: /no camera_info.*--intrinsics fx,fy,cx,cy/s,
  });
  const { summary, output } = await replay(t, messages, { intrinsics: { fx: 50, fy: 50, cx: 31, cy: 15 } });
  t.is(summary.framesOut, 2);
  const written = cameraInfoCodec.decode(
    of(output, '/rxdepth/depth/camera_info')[0]?.cdr ?? new Uint8Array(),
  );
  t.deepEqual([...written.k], [50, 0, 31, 0, 50, 15, 0, 0, 1]);
  t.deepEqual([written.width, written.height, written.header.frame_id], [TEST_WIDTH, TEST_HEIGHT, 'camera']);
});

test.serial('a bag without readable frames gives an empty, valid output', async (t) => {
  const messages = [{ ...image(0), message: { ...testImage(), encoding: 'rgb7' } }, info(0)];
  const { summary, output } = await replay(t, messages);
  t.deepEqual([summary.framesOut, summary.framesFailed], [0, 1]);
  t.deepEqual(of(output, '/rxdepth/depth/image'), []);
});

test.serial('an existing output is not touched without --overwrite', async (t) => {
  const output = path.join(t.context.folder, 'taken');
  await replay(t, drive(1), { output });
  await t.throwsAsync(replay(t, drive(1), { output }), { name: 'MessageError', message: /taken/ });
  t.is((await replay(t, drive(2), { output, overwrite: true })).summary.framesOut, 2);
});
