import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import sharp from 'sharp';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { imageCodec } from '../../../msgs/image.js';
import { labelInfoCodec } from '../../../msgs/label-info.js';
import { laserScanCodec } from '../../../msgs/laser-scan.js';
import { perceptionStatusCodec } from '../../../msgs/perception-status.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { readPointField, readPoints } from '../../../msgs/read-points.js';
import { tfMessageCodec } from '../../../msgs/tf-message.js';
import type { ReplayOptions } from '../../../nodes/cli/replay-options.js';
import { formatSummary } from '../../../nodes/cli/replay-summary.js';
import { OUTPUT_ROWS } from '../../../nodes/perception/outputs.js';
import { greyPng } from '../../msgs/picture/grey-png.js';
import { logTime, TF } from '../test-bag.js';
import { testImage } from '../test-messages.js';
import { TEST_HEIGHT, TEST_WIDTH, testConfidence, testDisparity, writeTestModel } from '../test-model.js';

import {
  drive,
  image,
  NOTHING,
  of,
  type ReplayContext,
  replay,
  replayContext,
  stamp,
} from './test-replay.js';

const test = anyTest as TestFn<ReplayContext>;

test.before(async (t) => {
  t.context = await replayContext();
});

test.after.always((t) => rm(t.context.folder, { recursive: true }));

test.serial(
  'obstacles are found over the ground of a mounted camera, and the frame of the scan is told',
  async (t) => {
    const rotation = { x: -0.5, y: 0.5, z: -0.5, w: 0.5 };
    const transform = { translation: { x: 0, y: 0, z: 1.5 }, rotation };
    const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'base' };
    const message = { transforms: [{ header, child_frame_id: 'camera', transform }] };
    const mount = { topic: '/tf_static', type: TF, logTimeNs: logTime(0) - 1_000_000_000n, message };
    const model = await writeTestModel(path.join(t.context.folder, 'telling'), { trusts: true });
    const wanted = { model, motion: true, obstacles: true, baseFrame: 'base', obstacleRange: 10 };
    const { output } = await replay(t, [mount, ...drive(3)], wanted);
    const obstacles = of(output, '/rxdepth/points/obstacles').map(({ cdr }) => pointCloud2Codec.decode(cdr));
    t.is(obstacles.length, 3);
    t.is(of(output, '/rxdepth/points/dynamic').length, 3);
    // The nearest column of the ramp is some 2 m away, its lower half below the camera.
    t.true((obstacles[2]?.width ?? 0) > 0);
    const scans = of(output, '/rxdepth/scan').map(({ cdr }) => laserScanCodec.decode(cdr));
    t.is(scans.length, 3);
    const nearest = Math.min(...Array.from(scans[2]?.ranges ?? []).filter((range) => !Number.isNaN(range)));
    const disparity = testDisparity(60 * 4) * (1 - 0.01) + 0.01;
    t.true(nearest > 0.9 / disparity && nearest < 2 / disparity, String(nearest));
    t.is(scans[2]?.range_max, 10);
    const [tf] = of(output, '/tf').map(({ cdr }) => tfMessageCodec.decode(cdr).transforms);
    t.deepEqual([tf?.[0]?.header.frame_id, tf?.[0]?.child_frame_id], ['camera', 'camera_level']);
    // Every output of the table is made: these cameras have metres from the start, and nothing by which to tell their motion.
    const made = new Set(output.map(({ topic }) => topic.replace('/rxdepth/', '')));
    for (const [key, { topic }] of OUTPUT_ROWS)
      t.is(made.has(topic), key !== 'relative' && key !== 'odometry', topic);
  },
);

test.serial(
  'with --compress every image comes compressed too, under the same header and log time',
  async (t) => {
    const { output } = await replay(t, drive(3), { motion: true, compress: true });
    for (const [topic, last] of [
      ['depth/image', 'compressedDepth'],
      ['segmentation/labels', 'compressed'],
      ['segmentation/color', 'compressed'],
      ['dynamic/mask', 'compressed'],
      ['dynamic/moving', 'compressed'],
    ] as const) {
      const images = of(output, `/rxdepth/${topic}`);
      const compressed = of(output, `/rxdepth/${topic}/${last}`);
      t.is(images.length, 3, topic);
      t.deepEqual(
        compressed.map(({ cdr, logTimeNs }) => [compressedImageCodec.decode(cdr).header, logTimeNs]),
        images.map(({ cdr, logTimeNs }) => [imageCodec.decode(cdr).header, logTimeNs]),
        topic,
      );
      if (topic === 'segmentation/color') continue;
      const [{ data: raw }, { data }] = [
        imageCodec.decode(images[0]?.cdr ?? NOTHING),
        compressedImageCodec.decode(compressed[0]?.cdr ?? NOTHING),
      ];
      if (topic !== 'depth/image') t.deepEqual(greyPng(data).numbers, [...raw]);
      else t.deepEqual([greyPng(data.subarray(12)).width, greyPng(data.subarray(12)).bits], [TEST_WIDTH, 16]);
    }
  },
);

test.serial('without a ground nothing is an obstacle, and the summary says why', async (t) => {
  const { summary, output } = await replay(t, drive(2), { motion: true, obstacles: true });
  t.is(of(output, '/rxdepth/points/obstacles').length, 0);
  t.true(summary.warnings.some(({ text }) => text.startsWith('no ground is seen')));
});

test.serial('obstacles are refused where frames are not compared or depth has no metres', async (t) => {
  const refused = (change: Partial<ReplayOptions>) =>
    t.throwsAsync(replay(t, drive(1), { obstacles: true, overwrite: true, ...change }), {
      name: 'NodeError',
    });
  t.regex((await refused({ motion: false }))?.message ?? '', /--no-motion/);
  t.regex((await refused({ motion: true, scale: 'none' }))?.message ?? '', /--scale/);
});

test.serial(
  'class names are published once before the first frame, the status every second and at the end',
  async (t) => {
    const { output } = await replay(t, drive(25));
    const [labelInfo, ...more] = of(output, '/rxdepth/segmentation/label_info');
    t.deepEqual(more, []);
    const classes = labelInfoCodec.decode(labelInfo?.cdr ?? new Uint8Array()).class_map;
    t.deepEqual({ ...classes[13] }, { class_id: 13, class_name: 'car' });
    t.deepEqual({ ...classes.at(-1) }, { class_id: 255, class_name: 'unlabelled' });
    const statuses = of(output, '/rxdepth/status');
    t.deepEqual(
      statuses.map(({ logTimeNs }) => logTimeNs),
      [logTime(10), logTime(20), logTime(24)],
    );
    const last = perceptionStatusCodec.decode(statuses.at(-1)?.cdr ?? new Uint8Array());
    t.deepEqual([last.model_name, last.model_version, last.provider], ['test', '3', 'cpu']);
    t.deepEqual([last.frames_in, last.frames_out, last.frames_failed], [25, 25, 0]);
  },
);

test.serial(
  'a model without metric depth publishes relative depth and no cloud, never under metric names',
  async (t) => {
    const model = await writeTestModel(path.join(t.context.folder, 'relative'), { metric: false });
    const { output, summary } = await replay(t, drive(2), { model });
    t.is(of(output, '/rxdepth/depth/relative').length, 2);
    t.regex(formatSummary(summary, false), /no metres, so no clouds.*the model test tells relative depth/);
    t.deepEqual([...of(output, '/rxdepth/depth/image'), ...of(output, '/rxdepth/points')], []);
    const status = perceptionStatusCodec.decode(of(output, '/rxdepth/status')[0]?.cdr ?? new Uint8Array());
    t.deepEqual([status.scale_source, Number.isNaN(status.scale)], ['none', true]);
  },
);

test.serial(
  'the confidence of a model that tells it is an image, a field of the points, and cuts them',
  async (t) => {
    const model = await writeTestModel(path.join(t.context.folder, 'trusting'), { trusts: true });
    const folder = path.join(t.context.folder, 'trusting_out');
    const { output } = await replay(t, drive(2), { model, output: folder, motion: true });
    const [first] = of(output, '/rxdepth/depth/confidence');
    const confidence = imageCodec.decode(first?.cdr ?? new Uint8Array());
    t.deepEqual(
      [confidence.encoding, confidence.width, confidence.height],
      ['32FC1', TEST_WIDTH, TEST_HEIGHT],
    );
    const values = new Float32Array(confidence.data.slice().buffer);
    for (const column of [0, 20, 60])
      t.true(Math.abs((values[5 * TEST_WIDTH + column] ?? 0) - testConfidence(column * 4)) < 1e-5);
    for (const topic of ['/rxdepth/points', '/rxdepth/points/static']) {
      const cloud = pointCloud2Codec.decode(of(output, topic)[0]?.cdr ?? new Uint8Array());
      t.true(Math.abs((readPointField(cloud, 'confidence')[5] ?? 0) - testConfidence(20 * 4)) < 1e-5);
    }

    const cutTo = path.join(t.context.folder, 'cut_out');
    const { output: cut } = await replay(t, drive(2), { model, output: cutTo, minConfidence: 0.5 });
    const { x } = readPoints(pointCloud2Codec.decode(of(cut, '/rxdepth/points')[0]?.cdr ?? new Uint8Array()));
    // Confidence is one half at a grey of 127.5, column 32.
    t.true(Number.isNaN(x[7]));
    t.true(Number.isFinite(x[8]));

    const without = path.join(t.context.folder, 'untold_out');
    const { output: plain } = await replay(t, drive(2), { model, output: without, confidence: false });
    t.is(of(plain, '/rxdepth/depth/confidence').length, 0);
    const cloud = pointCloud2Codec.decode(of(plain, '/rxdepth/points')[0]?.cdr ?? new Uint8Array());
    t.false(cloud.fields.some(({ name }) => name === 'confidence'));
  },
);

test.serial('steadied depth waits for the comparison: nothing is lost, and all comes in order', async (t) => {
  const frames = 9;
  const undecodable = { ...image(4), message: { ...testImage({ stampNs: stamp(4) }), encoding: 'odd' } };
  const messages = drive(frames).map((message, i) => (i === 8 ? undecodable : message));
  const wanted = { motion: true, stabilize: true };
  const { summary, output } = await replay(t, messages, wanted);
  t.is(summary.framesOut, frames - 1);
  const plainTo = path.join(t.context.folder, 'unsteadied_out');
  const { output: plain } = await replay(t, messages, { motion: true, output: plainTo });
  const expected = Array.from({ length: frames }, (_, i) => logTime(i)).filter((_, i) => i !== 4);
  for (const topic of ['depth/image', 'points', 'points/static', 'dynamic/mask', 'dynamic/moving']) {
    const steadied = of(output, `/rxdepth/${topic}`);
    t.deepEqual(
      steadied.map(({ logTimeNs }) => logTimeNs),
      expected,
      topic,
    );
    // These cameras show nothing by which their motion could be told: all is as it was.
    t.deepEqual(
      steadied.map(({ cdr }) => cdr),
      of(plain, `/rxdepth/${topic}`).map(({ cdr }) => cdr),
      topic,
    );
  }
});

test.serial('steadied depth is refused where frames are not compared', async (t) => {
  await t.throwsAsync(replay(t, drive(1), { stabilize: true }), {
    name: 'NodeError',
    message: /`--stabilize` needs the comparison of frames/,
  });
});

test.serial('a least confidence is refused where none is told', async (t) => {
  await t.throwsAsync(replay(t, drive(1), { minConfidence: 0.5 }), {
    name: 'NodeError',
    message: /`--min-confidence`: the model test does not tell/,
  });
});

test.serial('a model without segmentation publishes depth and points, and no topic of labels', async (t) => {
  const model = await writeTestModel(path.join(t.context.folder, 'depth-alone'), { segments: false });
  const folder = path.join(t.context.folder, 'depth_alone_out');
  const { output } = await replay(t, drive(2), { model, output: folder });
  t.is(of(output, '/rxdepth/depth/image').length, 2);
  t.is(of(output, '/rxdepth/points').length, 2);
  const reader = await openBag(folder);
  t.deepEqual(
    reader.topics.map(({ topic }) => topic).filter((topic) => /segmentation|dynamic/.test(topic)),
    [],
  );
  await reader.close();
});

test.serial('16UC1 depth is written on request', async (t) => {
  const { output } = await replay(t, drive(1), { depthEncoding: '16UC1' });
  t.is(imageCodec.decode(of(output, '/rxdepth/depth/image')[0]?.cdr ?? new Uint8Array()).encoding, '16UC1');
});

test.serial('pictures are written for every n-th image', async (t) => {
  const pictures = path.join(t.context.folder, 'pictures');
  const { summary } = await replay(t, drive(7), { pictures, pictureEvery: 3 });
  t.deepEqual((await readdir(pictures)).sort(), ['000000.png', '000003.png', '000006.png']);
  t.deepEqual(summary.pictures, { folder: pictures, count: 3, failure: undefined });
  const { width, height } = await sharp(path.join(pictures, '000003.png')).metadata();
  t.true(width > 2 * TEST_WIDTH && height > 2 * TEST_HEIGHT);
});
