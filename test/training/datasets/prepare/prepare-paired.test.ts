import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { BagWriter } from '../../../../msgs/bag/bag-writer.js';
import { type CameraInfo, cameraInfoCodec } from '../../../../msgs/camera-info.js';
import { imageCodec } from '../../../../msgs/image.js';
import type { MessageCodec } from '../../../../msgs/message-codec.js';
import { pointCloud2Codec } from '../../../../msgs/point-cloud2.js';
import { nsToStamp } from '../../../../msgs/stamp.js';
import { tfMessageCodec } from '../../../../msgs/tf-message.js';
import { prepareDepthSource, preparePaired } from '../../../../training/datasets/prepare/prepare-data.js';
import type { SizedPreparation } from '../../../../training/datasets/prepare/prepared-data.js';
import {
  StoredSamples,
  type StoredSamplesOptions,
} from '../../../../training/datasets/stores/stored-samples.js';
import { TrainingError } from '../../../../training/errors.js';
import { writeKittiRaw } from '../kitti/kitti-tree.js';
import { temporaryFolder } from '../samples.js';

const root = temporaryFolder();
test.after.always(() => rm(root, { recursive: true, force: true }));

const [W, H] = [36, 18];
const STEP_NS = 100_000_000n;

/** Pictures are stored as they are: the network sees 8/9 of them. */
const preparation = (name: string): SizedPreparation => ({
  ...{ width: 32, height: 16, seed: 1, workers: 1, folder: path.join(root, `${name}-prepared`) },
  report: () => undefined,
});

async function read(options: StoredSamplesOptions) {
  const samples = new StoredSamples(options);
  const all = await Promise.all(Array.from({ length: samples.count }, (_, i) => samples.read(i)));
  samples.close();
  return all;
}

type Header = CameraInfo['header'];

/** Writes a bag whose topics have messages at these frames. */
async function writeBag(
  folder: string,
  topics: readonly {
    readonly topic: string;
    readonly codec: MessageCodec<never>;
    readonly frames: readonly number[];
    readonly make: (header: Header, frame: number) => unknown;
  }[],
): Promise<void> {
  const writer = await BagWriter.create(folder, {});
  for (const { topic, codec, frames, make } of topics) {
    const { type, definition } = codec;
    const channel = await writer.addTopic({ topic, type, definition });
    for (const frame of frames) {
      const stampNs = BigInt(frame) * STEP_NS + STEP_NS;
      const header = { stamp: nsToStamp(stampNs), frame_id: topic === '/points' ? 'lidar' : 'camera' };
      await writer.write(channel, codec.encode(make(header, frame) as never), stampNs);
    }
  }
  await writer.close();
}

const topic = <T>(
  name: string,
  codec: MessageCodec<T>,
  frames: readonly number[],
  make: (header: Header, frame: number) => T,
) => ({
  ...{ topic: name, frames, make },
  codec: codec as unknown as MessageCodec<never>, // with what `make` gives
});

const FRAMES = Array.from({ length: 12 }, (_, i) => i);

const image = topic('/camera/image_rect', imageCodec, FRAMES, (header, frame) => ({
  ...{ header, height: H, width: W, encoding: 'rgb8', is_bigendian: 0, step: W * 3 },
  data: new Uint8Array(W * H * 3).fill(10 * frame),
}));
const info = topic('/camera/camera_info', cameraInfoCodec, [0], (header) => ({
  ...{ header, height: H, width: W, distortion_model: 'plumb_bob', d: [0, 0, 0, 0, 0] },
  k: [20, 0, 17.5, 0, 20, 8.5, 0, 0, 1],
  r: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  p: [20, 0, 17.5, 0, 0, 20, 8.5, 0, 0, 0, 1, 0],
  ...{ binning_x: 0, binning_y: 0 },
  roi: { x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false },
}));
/** A LiDAR 1 m behind the camera; its points are 2 m left and 20 m ahead, and 4 m right. */
const points = topic(
  '/points',
  pointCloud2Codec,
  FRAMES.filter((i) => i !== 1),
  (header, frame) => {
    const xyz = Float32Array.of(21 + frame, 2, 0, 21 + frame, -4, 0);
    const fields = ['x', 'y', 'z'].map((name, i) => ({ name, offset: 4 * i, datatype: 7, count: 1 }));
    return {
      ...{ header, height: 1, width: 2, fields, is_bigendian: false, point_step: 12, row_step: 24 },
      ...{ data: new Uint8Array(xyz.buffer), is_dense: true },
    };
  },
);
const tf = topic('/tf_static', tfMessageCodec, [0], (header) => ({
  transforms: [
    {
      header: { ...header, frame_id: 'lidar' },
      child_frame_id: 'camera',
      transform: { translation: { x: 1, y: 0, z: 0 }, rotation: { x: -0.5, y: 0.5, z: -0.5, w: 0.5 } },
    },
  ],
}));
const depth = topic('/aligned_depth', imageCodec, FRAMES, (header, frame) => ({
  ...{ header, height: H, width: W, encoding: '16UC1', is_bigendian: 0, step: W * 2 },
  data: new Uint8Array(new Uint16Array(W * H).map((_, i) => (i % 2 === 0 ? 1000 * (frame + 1) : 0)).buffer),
}));

test("a LiDAR's points become sparse depth; pictures without a sweep are left out", async (t) => {
  const bag = path.join(root, 'lidar');
  await writeBag(bag, [image, info, points, tf]);
  const spec = `bag:${bag}?lidar=/points&validation=2`;
  const { training, heldOut } = await preparePaired(spec, preparation('lidar'));
  const all = await read(training);
  // Of 11 pictures with a sweep two are held out, and five before them look too much like them.
  t.deepEqual(
    all.map(({ rgb }) => rgb[0]),
    [0, 20, 30, 40],
  );
  t.deepEqual(
    (await read(heldOut)).map(({ rgb }) => rgb[0]),
    [100, 110],
  );
  const [first] = all;
  if (first === undefined) return t.fail('no picture');
  const { depthMeters, intrinsics, labels, width, height } = first;
  t.deepEqual([width, height], [W, H]);
  t.is(intrinsics.fx, 20);
  t.true(labels.every((label) => label === 255));
  const known = [...depthMeters.entries()].filter(([, meters]) => !Number.isNaN(meters));
  // Left by 2/20 of 20 pixels, right by 4/20: columns 17.5 - 2 and 17.5 + 4, row 8.5, rounded.
  t.deepEqual(
    known.map(([i, meters]) => [i % W, Math.floor(i / W), meters]),
    [
      [16, 9, 20],
      [22, 9, 20],
    ],
  );
  const again = await preparePaired(spec, preparation('lidar'));
  t.deepEqual(await read(again.training), all);
  const source = await prepareDepthSource(spec, preparation('source'));
  t.deepEqual(await read(source.training), all, 'as a source with depth, to fine-tune on');
});

test('depth images of a camera are dense truth with holes', async (t) => {
  const bag = path.join(root, 'depth');
  await writeBag(bag, [image, info, depth]);
  const { training } = await preparePaired(
    `bag:${bag}?depth=/aligned_depth&validation=2`,
    preparation('depth'),
  );
  const [first, second] = await read(training);
  t.is(training.count, 5);
  t.deepEqual([first?.depthMeters[0], second?.depthMeters[0]], [1, 2]);
  t.true(Number.isNaN(first?.depthMeters[1]));
});

test('what a bag lacks is said with the topics that it has', async (t) => {
  const refused = async (
    name: string,
    topics: Parameters<typeof writeBag>[1],
    query: string,
    message: RegExp,
  ) => {
    const bag = path.join(root, name);
    await writeBag(bag, topics);
    await t.throwsAsync(preparePaired(`bag:${bag}${query}`, preparation(name)), {
      instanceOf: TrainingError,
      message,
    });
  };
  await refused('no-truth', [image, info], '', /no truth.*LiDAR.*depth image/);
  await refused('no-tf', [image, info, points], '', /\/tf_static/);
  await refused(
    'short',
    [image, info, depth],
    '?depth=/aligned_depth',
    /more than `25` pictures with true depth, got 12/,
  );
  await refused('no-topic', [image, info, points, tf], '?lidar=/nope', /no topic `\/nope` \(\?lidar=TOPIC\)/);
  await refused('no-depth', [image, info, depth], '?depth=/nope', /no topic `\/nope` \(\?depth=TOPIC\)/);
  await refused('wrong', [image, info, depth], '?depths=/x', /options among .*`lidar`.*got `depths`/);
  const late = { ...points, frames: [100, 101] };
  await refused('late', [image, info, late, tf], '', /within 50 ms, none has any/);
});

test('KITTI raw gives its LiDAR, projected into the stored picture', async (t) => {
  const place = path.join(root, 'kitti');
  await writeKittiRaw(place);
  const { training, heldOut } = await preparePaired(`kitti-raw:${place}?validation=1`, preparation('kitti'));
  t.deepEqual([training.count, heldOut.count], [3, 1]);
  const [first] = await read(training);
  // 40x20 at 0.9: 36x18.
  t.deepEqual([first?.width, first?.height], [36, 18]);
  const known = [...(first?.depthMeters ?? [])].filter((meters) => !Number.isNaN(meters));
  t.deepEqual(
    known.map((meters) => meters.toFixed(3)),
    ['10.000'],
  );
  t.deepEqual(Math.round((first?.intrinsics.fx ?? 0) * 1000), 9000);
});

test('simulated pictures have exact depth, the last ones held out', async (t) => {
  const { training, heldOut } = await preparePaired(
    'simulator:town-clean?samples=3&validation=1',
    preparation('sim'),
  );
  t.deepEqual([training.count, heldOut.count, heldOut.first], [2, 1, 2]);
  await t.throwsAsync(preparePaired('simulator:town-clean?samples=3&validation=3', preparation('sim')), {
    message: /`validation` to be less than the 3 samples/,
  });
  await t.throwsAsync(preparePaired('cityscapes:x', preparation('sim')), {
    message: /--paired: expected `simulator/,
  });
});
