import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { type CameraInfo, cameraInfoCodec } from '../../../msgs/camera-info.js';
import { imageCodec } from '../../../msgs/image.js';
import { labelInfoCodec } from '../../../msgs/label-info.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { tfMessageCodec } from '../../../msgs/tf-message.js';
import { BagPictures } from '../../../training/datasets/bag/bag-pictures.js';
import { cameraTopics } from '../../../training/datasets/bag/camera-topics.js';
import { findTruth } from '../../../training/datasets/truth/find-truth.js';
import { TrainingError } from '../../../training/errors.js';
import { evaluateDepth } from '../../../training/evaluation/evaluate-depth.js';
import { evaluateSegmentation } from '../../../training/evaluation/evaluate-segmentation.js';
import { ErrorPanels } from '../../../training/evaluation/panels/error-panels.js';
import { depthText, segmentationText } from '../../../training/evaluation/report-text.js';
import { type MemoryTopic, memoryBag, memoryTopic } from './memory-bag.js';

const [W, H] = [40, 20];
const MS = 1_000_000;
const OPTIONS = { capMeters: 80, crop: 'none', medianScaling: false } as const;

function depthTopic(
  topic: string,
  stamps: number[],
  value: (row: number, frame: number) => number,
): MemoryTopic {
  return memoryTopic(topic, imageCodec, stamps, 'camera', (header, frame) => {
    const depth = Float32Array.from({ length: W * H }, (_, i) => value(Math.floor(i / W), frame));
    const data = new Uint8Array(depth.buffer);
    return { header, height: H, width: W, encoding: '32FC1', is_bigendian: 0, step: W * 4, data };
  });
}

function byteTopic(topic: string, encoding: string, stamps: number[], bytes: number[]): MemoryTopic {
  return memoryTopic(topic, imageCodec, stamps, 'camera', (header) => {
    const data = Uint8Array.from({ length: W * H * bytes.length }, (_, i) => bytes[i % bytes.length] ?? 0);
    return { header, height: H, width: W, encoding, is_bigendian: 0, step: W * bytes.length, data };
  });
}

function cameraInfo(header: CameraInfo['header']): CameraInfo {
  const roi = { x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false };
  return {
    ...{ header, height: H, width: W, distortion_model: 'plumb_bob', d: [0, 0, 0, 0, 0] },
    k: [20, 0, 19.5, 0, 20, 9.5, 0, 0, 1],
    r: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    p: [20, 0, 19.5, 0, 0, 20, 9.5, 0, 0, 0, 1, 0],
    ...{ binning_x: 0, binning_y: 0, roi },
  };
}

/** A LiDAR 1 m behind the camera with two points on its axis direction: camera z 9 and 19. */
function lidarTopics(stamps: number[]): MemoryTopic[] {
  const cloud = memoryTopic('/points', pointCloud2Codec, stamps, 'lidar', (header) => {
    const points = Float32Array.of(10, 0, 0, 20, 2, 0);
    const fields = ['x', 'y', 'z'].map((name, i) => ({ name, offset: 4 * i, datatype: 7, count: 1 }));
    const data = new Uint8Array(points.buffer);
    return {
      ...{ header, height: 1, width: 2, fields, is_bigendian: false, point_step: 12, row_step: 24 },
      ...{ data, is_dense: true },
    };
  });
  const tf = memoryTopic('/tf_static', tfMessageCodec, [0], 'lidar', (header) => ({
    transforms: [
      {
        header,
        child_frame_id: 'camera',
        transform: {
          translation: { x: 1, y: 0, z: 0 },
          rotation: { x: -0.5, y: 0.5, z: -0.5, w: 0.5 },
        },
      },
    ],
  }));
  const info = memoryTopic('/camera/camera_info', cameraInfoCodec, stamps, 'camera', cameraInfo);
  return [cloud, tf, info, byteTopic('/camera/image_raw', 'rgb8', stamps, [10, 20, 30])];
}

const truthDepth = (row: number): number => (row < 4 ? Number.POSITIVE_INFINITY : 4 + row);

test('a perfect prediction has no error, and the trivial predictors stand beside it', async (t) => {
  const stamps = [0, 100 * MS];
  const truth = await findTruth(memoryBag('truth', [depthTopic('/camera/depth', stamps, truthDepth)]));
  const output = memoryBag('output', [depthTopic('/d', stamps, truthDepth)]);
  const result = await evaluateDepth(output, '/d', truth, OPTIONS);
  t.is(truth.kind, 'depth image');
  t.is(result.prediction.images, 2);
  t.is(result.prediction.pixels, 2 * W * (H - 4));
  t.is(result.prediction.absRel, 0);
  t.is(result.prediction.finiteShare, 1);
  t.true(result.constant.absRel > 0.2);
  t.true(result.rowMedian.absRel < 0.01);
  t.regex(depthText(result, 'the truth', OPTIONS), /prediction +0\.000/);
});

test('beside the scaled prediction stands what it says in metres, but for relative depth', async (t) => {
  const truth = await findTruth(memoryBag('truth', [depthTopic('/camera/depth', [0], truthDepth)]));
  const far = (row: number) => 1.1 * truthDepth(row);
  const scaled = { ...OPTIONS, medianScaling: true };
  const evaluated = (topic: string) =>
    evaluateDepth(memoryBag('output', [depthTopic(topic, [0], far)]), topic, truth, scaled);
  const result = await evaluated('/rxdepth/depth/image');
  t.true(result.prediction.absRel < 1e-6);
  t.true(Math.abs((result.unscaled?.absRel ?? 0) - 0.1) < 1e-6);
  t.regex(depthText(result, 'the truth', scaled), /prediction +0\.000.*\nunscaled +0\.100/);
  t.is((await evaluated('/rxdepth/depth/relative')).unscaled, undefined);
});

test('LiDAR points are moved into the camera, projected and matched to the nearest sweep', async (t) => {
  const truthBag = memoryBag('truth', lidarTopics([0, 100 * MS]));
  const truth = await findTruth(truthBag);
  t.is(truth.kind, 'lidar');
  const pixels = [];
  for await (const { value } of truth.read()) pixels.push([...value.depthMeters].sort());
  t.deepEqual(pixels[0], [19, 9]);
  // 10 % too deep everywhere; stamps 20 ms beside the sweeps', one far away.
  const output = memoryBag('output', [depthTopic('/d', [20 * MS, 120 * MS, 900 * MS], () => 9 * 1.1)]);
  const result = await evaluateDepth(output, '/d', truth, OPTIONS);
  t.is(result.unmatched, 1);
  t.is(result.prediction.images, 2);
  t.true(Math.abs(result.prediction.absRel - (0.1 + (19 - 9.9) / 19) / 2) < 1e-6);
});

test('panels are written for every n-th image', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-panels-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const stamps = [0, 100 * MS, 200 * MS];
  const truthBag = memoryBag('truth', lidarTopics(stamps));
  const panels = new ErrorPanels({ folder, every: 2, ...OPTIONS });
  const camera = new BagPictures(truthBag, (await cameraTopics(truthBag)).image);
  const output = memoryBag('output', [depthTopic('/d', stamps, () => 9)]);
  await evaluateDepth(output, '/d', await findTruth(truthBag), OPTIONS, (image) =>
    panels.add(image, () => camera.at(BigInt(image.name))),
  );
  await camera.close();
  t.deepEqual((await readdir(folder)).sort(), ['0.png', `${200 * MS}.png`]);
  const { data, info } = await sharp(await readFile(path.join(folder, '0.png')))
    .raw()
    .toBuffer({ resolveWithObject: true });
  t.is(info.width, 2 * W + 4);
  t.deepEqual([...data.subarray((20 * info.width + 10) * 3, (20 * info.width + 10) * 3 + 3)], [10, 20, 30]);
});

test('labels are compared where the stamps are equal', async (t) => {
  const truth = memoryBag('truth', [byteTopic('/t', 'mono8', [0, 5], [0, 13])]);
  const output = memoryBag('output', [byteTopic('/l', 'mono8', [0, 5, 9], [0, 14])]);
  const result = await evaluateSegmentation(output, '/l', truth, '/t');
  t.is(result?.images, 2);
  t.is(result?.unmatched, 1);
  t.deepEqual(
    result?.classSets.map((set) => set.meanIou),
    [1 / 3, 1 / 2, 1 / 2, 1],
  );
  if (result !== undefined) t.regex(segmentationText(result), /16 \(2 occur\) +50\.0% +50\.0%/);
});

test('what labels mean says the label_info beside them: 16 classes are measured over no more', async (t) => {
  const names = [
    'road',
    'sidewalk',
    'building',
    'wall',
    'fence',
    'pole',
    'traffic light',
    'traffic sign',
    'vegetation',
  ];
  const others = ['sky', 'person', 'rider', 'car', 'bus', 'motorcycle', 'bicycle'];
  const info = (list: readonly string[]) =>
    memoryTopic('/n/label_info', labelInfoCodec, [0], 'camera', (header) => ({
      ...{ header, threshold: 0 },
      class_map: [...list, ...(list.length > 0 ? ['unlabelled'] : [])].map((class_name, i) => ({
        class_id: i === list.length ? 255 : i,
        class_name,
      })),
    }));
  const truth = memoryBag('truth', [byteTopic('/t', 'mono8', [0], [10, 13])]); // sky, car
  const labels = byteTopic('/n/labels', 'mono8', [0], [9, 12]); // the same among the sixteen
  const output = memoryBag('output', [labels, info([...names, ...others])]);
  const result = await evaluateSegmentation(output, '/n/labels', truth, '/t');
  t.deepEqual(
    result?.classSets.map((set) => [set.classSet, set.meanIou]),
    [
      ['16', 1],
      ['13', 1],
      ['7', 1],
    ],
  );
  const strange = memoryBag('output', [labels, info(['tram', 'lawn'])]);
  await t.throwsAsync(evaluateSegmentation(strange, '/n/labels', truth, '/t'), {
    instanceOf: TrainingError,
    message: /output: \/n\/label_info names none of the classes of Cityscapes, got `tram`, `lawn`/,
  });
});

test('bags of different drives are an error that gives both times', async (t) => {
  const truth = await findTruth(memoryBag('truth', [depthTopic('/camera/depth', [0], truthDepth)]));
  const output = memoryBag('output', [depthTopic('/d', [5000 * MS], truthDepth)]);
  await t.throwsAsync(evaluateDepth(output, '/d', truth, OPTIONS), {
    instanceOf: TrainingError,
    message: /first stamp is 5 s, the truth's first is 0 s/,
  });
});

test('missing truth, several LiDARs, missing camera_info and missing transforms are clear errors', async (t) => {
  const [cloud, tf, info, image] = lidarTopics([0]) as [MemoryTopic, MemoryTopic, MemoryTopic, MemoryTopic];
  const attempt = (topics: MemoryTopic[], message: RegExp) =>
    t.throwsAsync(findTruth(memoryBag('truth', topics)), { instanceOf: TrainingError, message });
  await attempt([image], /no truth to compare with.*PointCloud2.*\n {2}\/camera\/image_raw/s);
  await attempt(
    [cloud, { ...cloud, topic: '/other' }, tf, info],
    /several topics.*--lidar.*\/points\n {2}\/other/s,
  );
  await attempt([cloud, tf, image], /camera_info/);
  await attempt([cloud, info, image], /tf_static/);
  await t.throwsAsync(findTruth(memoryBag('truth', [cloud]), { lidar: '/nowhere' }), {
    message: /no topic `\/nowhere` \(--lidar\)/,
  });
});

test('truth of another size is an error', async (t) => {
  const truth = await findTruth(memoryBag('truth', lidarTopics([0])));
  const small = memoryTopic('/d', imageCodec, [0], 'camera', (header) => ({
    ...{ header, height: 1, width: 1, encoding: '32FC1', is_bigendian: 0, step: 4, data: new Uint8Array(4) },
  }));
  await t.throwsAsync(evaluateDepth(memoryBag('output', [small]), '/d', truth, OPTIONS), {
    instanceOf: TrainingError,
    message: /1 x 1 .* `40 x 20`/,
  });
});

test('the camera_info beside the image is taken, and image_rect is rectified', async (t) => {
  const [, , info] = lidarTopics([0]) as [MemoryTopic, MemoryTopic, MemoryTopic];
  const bag = memoryBag('bag', [
    { ...info, topic: '/a/left/camera_info' },
    { ...info, topic: '/a/right/camera_info' },
    byteTopic('/a/left/image_rect', 'mono8', [0], [0]),
    byteTopic('/a/left/depth', 'mono8', [0], [0]),
  ]);
  t.like(await cameraTopics(bag), {
    kind: 'rectified',
    image: { topic: '/a/left/image_rect', type: 'sensor_msgs/msg/Image' },
    cameraInfo: '/a/left/camera_info',
  });
});
