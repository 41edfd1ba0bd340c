import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import sharp from 'sharp';
import type { BagMessage } from '../../../msgs/bag/bag-reader.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { cameraInfoCodec } from '../../../msgs/camera-info.js';
import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { imageCodec } from '../../../msgs/image.js';
import { labelInfoCodec } from '../../../msgs/label-info.js';
import { laserScanCodec } from '../../../msgs/laser-scan.js';
import { perceptionStatusCodec } from '../../../msgs/perception-status.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { readPointField, readPoints } from '../../../msgs/read-points.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { tfMessageCodec } from '../../../msgs/tf-message.js';
import type { ReplayOptions } from '../../../nodes/cli/replay-options.js';
import { formatSummary, type ReplaySummary } from '../../../nodes/cli/replay-summary.js';
import { runReplay } from '../../../nodes/cli/run-replay.js';
import { OUTPUT_ROWS } from '../../../nodes/perception/outputs.js';
import { greyPng } from '../../msgs/picture/grey-png.js';
import {
  CAMERA_INFO,
  COMPRESSED,
  IMAGE,
  logTime,
  type RecordedMessage,
  TF,
  writeTestBag,
} from '../test-bag.js';
import { type TestImageOptions, testImage, testInfo } from '../test-messages.js';
import { TEST_HEIGHT, TEST_WIDTH, testConfidence, testDisparity, writeTestModel } from '../test-model.js';

const test = anyTest as TestFn<{ folder: string; model: string }>;

test.before(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-replay-'));
  t.context = { folder, model: await writeTestModel(path.join(folder, 'model')) };
});

test.after.always((t) => rm(t.context.folder, { recursive: true }));

const stamp = (index: number) => logTime(index) - 5_000_000n;

function image(index: number, options: TestImageOptions = {}): RecordedMessage {
  const message = testImage({ stampNs: stamp(index), ...options });
  return { topic: '/camera/image_raw', type: IMAGE, logTimeNs: logTime(index), message };
}

function info(index: number, options: Parameters<typeof testInfo>[0] = {}): RecordedMessage {
  const message = testInfo({ stampNs: stamp(index), ...options });
  return { topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs: logTime(index) + 1n, message };
}

function drive(frames: number): RecordedMessage[] {
  return Array.from({ length: frames }, (_, index) => [image(index), info(index)]).flat();
}

async function replay(
  t: { context: { folder: string; model: string }; title: string },
  messages: readonly RecordedMessage[],
  change: Partial<ReplayOptions> = {},
  stopOnProgress?: AbortController,
): Promise<{ summary: ReplaySummary; output: BagMessage[]; progress: string }> {
  const name = t.title.replace(/\W+/g, '_').slice(0, 60);
  const bag = await writeTestBag(path.join(t.context.folder, name), messages);
  const output = path.join(t.context.folder, `${name}_out`);
  let progress = '';
  const { signal } = stopOnProgress ?? new AbortController();
  const write = (text: string) => {
    progress += text;
    if (/ frames /.test(text)) stopOnProgress?.abort();
  };
  const summary = await runReplay(
    {
      ...{
        bag,
        output,
        model: t.context.model,
        device: 'cpu',
        threads: 2,
        pointsStride: 4,
        depthEncoding: '32FC1',
      },
      ...{ pictureEvery: 10, images: false, overwrite: false, verbose: false },
      ...change,
    },
    { progress: { isTTY: stopOnProgress !== undefined, write }, signal },
  );
  return { summary, output: await readAll(change.output ?? output), progress };
}

async function readAll(bag: string): Promise<BagMessage[]> {
  const reader = await openBag(bag);
  const messages: BagMessage[] = [];
  for await (const message of reader.messages()) messages.push({ ...message, cdr: message.cdr.slice() });
  await reader.close();
  return messages;
}

const NOTHING = new Uint8Array();
const of = (output: readonly BagMessage[], topic: string) =>
  output.filter((message) => message.topic === topic);

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

test.serial(
  'a model without metric depth publishes relative depth and no cloud, never under metric names',
  async (t) => {
    const model = await writeTestModel(path.join(t.context.folder, 'relative'), { metric: false });
    const { output } = await replay(t, drive(2), { model });
    t.is(of(output, '/rxdepth/depth/relative').length, 2);
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

test.serial('16UC1 depth is written on request', async (t) => {
  const { output } = await replay(t, drive(1), { depthEncoding: '16UC1' });
  t.is(imageCodec.decode(of(output, '/rxdepth/depth/image')[0]?.cdr ?? new Uint8Array()).encoding, '16UC1');
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

test.serial('pictures are written for every n-th image', async (t) => {
  const pictures = path.join(t.context.folder, 'pictures');
  const { summary } = await replay(t, drive(7), { pictures, pictureEvery: 3 });
  t.deepEqual((await readdir(pictures)).sort(), ['000000.png', '000003.png', '000006.png']);
  t.deepEqual(summary.pictures, { folder: pictures, count: 3, failure: undefined });
  const { width, height } = await sharp(path.join(pictures, '000003.png')).metadata();
  t.true(width > 2 * TEST_WIDTH && height > 2 * TEST_HEIGHT);
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
