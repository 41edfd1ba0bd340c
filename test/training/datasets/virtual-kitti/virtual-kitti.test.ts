import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { parseDataSpec } from '../../../../training/datasets/data-spec.js';
import { openFrameSet } from '../../../../training/datasets/files/open-frame-set.js';
import { readDenseDepth } from '../../../../training/datasets/files/read-dense-depth.js';
import { readDepth } from '../../../../training/datasets/files/read-depth.js';
import { readLabels } from '../../../../training/datasets/files/read-labels.js';
import { prepareDepthSource } from '../../../../training/datasets/prepare/prepare-data.js';
import { StoredSamples } from '../../../../training/datasets/stores/stored-samples.js';
import { openVirtualKitti } from '../../../../training/datasets/virtual-kitti/virtual-kitti.js';
import { TrainingError } from '../../../../training/errors.js';
import { openSource } from '../../../../training/evaluation/sources/open-source.js';
import { write, writeColor } from '../files/write-gray-png.js';
import { temporaryFolder } from '../samples.js';
import { HEIGHT, WIDTH, writeVirtualKitti1, writeVirtualKitti2 } from './virtual-kitti-tree.js';

const root = temporaryFolder();
test.after.always(() => rm(root, { recursive: true, force: true }));

const SIZE = { height: HEIGHT, width: WIDTH };

/** The published camera of 1242x375 pixels in a copy of this size: the middle stays in the middle. */
function resized(focal: number) {
  return {
    ...{ fx: focal * (WIDTH / 1242), fy: focal * (HEIGHT / 375) },
    ...{ cx: (620.5 + 0.5) * (WIDTH / 1242) - 0.5, cy: (187 + 0.5) * (HEIGHT / 375) - 0.5 },
  };
}

test('version 1: worlds, variations, neighbours, the published camera, a colour for each car', async (t) => {
  const place = path.join(root, 'one');
  await writeVirtualKitti1(place);
  const { title, frames, missing, crop, depthTruth } = await openVirtualKitti(place);
  t.deepEqual([title, crop, depthTruth], ['Virtual KITTI 1, 6 frames', 'garg', 'exact depth (camera z)']);
  t.deepEqual(
    frames.slice(0, 4).map(({ name }) => name),
    ['0001/clone 00000', '0001/clone 00001', '0001/clone 00002', '0001/fog 00000'],
  );
  const [first, second] = frames;
  t.is(first?.previous, undefined);
  t.is(second?.previous, first?.picture);
  // A copy of 20x6 of pictures of 1242x375.
  t.is(missing.length, 1);
  t.regex(missing[0] ?? '', /1242 x 375 pixels, as published, of 6 of 6 pictures .*`20 x 6`.*scaled/);
  t.deepEqual(first?.intrinsics, resized(725));
  if (first?.labels === undefined || first.depth === undefined) return t.fail('expected truth');
  const labels = await readLabels(first.labels);
  t.deepEqual([...labels.values.slice(0, 4)], [10, 0, 13, 13], 'sky, road, a car, a van');
  const { values } = await readDenseDepth(first.depth, SIZE);
  t.deepEqual([values[0], values[WIDTH], values[2 * WIDTH]], [Number.POSITIVE_INFINITY, 1, 10]);
  t.is((await readDepth(first.depth, SIZE)).depthMeters.length, (HEIGHT - 1) * WIDTH, 'the sky is no truth');
  const fog = await openFrameSet(parseDataSpec(`virtual-kitti:${place}?variation=fog`));
  t.is(fog.frames.length, 3);
  await t.throwsAsync(openFrameSet(parseDataSpec(`virtual-kitti:${place}?variation=clone+snow`)), {
    instanceOf: TrainingError,
    message: /expected `variation` to be of `clone`, `fog`, got `snow`/,
  });
});

test('version 2: unpacked together or each archive by itself, classes by its table, intrinsics by camera', async (t) => {
  for (const split of [true, false]) {
    const place = path.join(root, `two-${split}`);
    await writeVirtualKitti2(place, split);
    const { frames, title } = await openVirtualKitti(place);
    t.is(title, 'Virtual KITTI 2, 2 frames');
    const [first] = frames;
    t.deepEqual(first?.intrinsics, resized(725.0087));
    if (first?.labels === undefined) return t.fail('expected labels');
    t.deepEqual([...(await readLabels(first.labels)).values.slice(0, 4)], [9, 255, 13, 255]);
    await t.throwsAsync(openVirtualKitti(place, { camera: 1 }), { message: /Camera_1 is missing/ });
  }
});

test('pictures of the published size keep the published camera, and so do those whose file has numbers of their own', async (t) => {
  const place = path.join(root, 'full');
  await writeVirtualKitti2(place, false);
  const drive = path.join(place, 'Scene01', 'clone');
  const rgb = path.join(drive, 'frames', 'rgb', 'Camera_0');
  await writeColor(path.join(rgb, 'rgb_00001.jpg'), [375, 1242], [9, 9, 9]);
  const { frames, missing } = await openVirtualKitti(place);
  t.deepEqual(
    frames.map(({ intrinsics }) => intrinsics),
    [resized(725.0087), { fx: 725.0087, fy: 725.0087, cx: 620.5, cy: 187 }],
  );
  t.regex(missing.join('\n'), /of 1 of 2 pictures/);
  await write(path.join(drive, 'intrinsic.txt'), '0 0 12 12 9.5 2.5\n');
  const own = await openVirtualKitti(place);
  t.deepEqual([own.frames[0]?.intrinsics, own.missing], [{ fx: 12, fy: 12, cx: 9.5, cy: 2.5 }, []]);
});

test('what is missing is said with where it should be', async (t) => {
  const place = path.join(root, 'missing');
  const drive = path.join('Scene01', 'clone');
  await writeVirtualKitti2(place, true);
  const depth = path.join(
    place,
    'vkitti_2.0.3_depth',
    drive,
    'frames',
    'depth',
    'Camera_0',
    'depth_00001.png',
  );
  await rm(depth);
  await t.throwsAsync(openVirtualKitti(place), {
    instanceOf: TrainingError,
    message: /1 of 2 depth maps are missing: `.*depth_00001\.png`/,
  });
  const partial = await openVirtualKitti(place, { allowMissing: true });
  t.is(partial.frames[1]?.depth, undefined);
  await rm(path.join(place, 'vkitti_2.0.3_textgt'), { recursive: true });
  await rm(path.join(place, 'vkitti_2.0.3_classSegmentation'), { recursive: true });
  const { frames, missing } = await openVirtualKitti(place, { allowMissing: true });
  t.is(frames[0]?.labels, undefined);
  t.is(frames[0]?.intrinsics, undefined);
  t.regex(missing.join('\n'), /no labels: .*classSegmentation\/Camera_0 is not there/);
  t.regex(missing.join('\n'), /tables of class colours are missing: `.*colors\.txt`/);
  t.regex(missing.join('\n'), /files of intrinsics are missing: `.*intrinsic\.txt`/);
});

test('neither version, both, tables that read otherwise and pictures of other colours are refused', async (t) => {
  await writeColor(path.join(root, 'neither', 'a.png'), [2, 2], [0, 0, 0]);
  await t.throwsAsync(openVirtualKitti(path.join(root, 'neither')), {
    message: /neither holds no Virtual KITTI; expected/,
  });
  await t.throwsAsync(openVirtualKitti(path.join(root, 'nowhere')), {
    message: /nowhere is missing; expected Virtual KITTI/,
  });
  const place = path.join(root, 'both');
  await writeVirtualKitti1(place);
  await writeVirtualKitti2(place, true);
  await t.throwsAsync(openVirtualKitti(place), { message: /choose one with `version=1` or `version=2`/ });
  const chosen = await openFrameSet(parseDataSpec(`virtual-kitti:${place}?version=2`));
  t.is(chosen.frames.length, 2);
  const colors = path.join(place, 'vkitti_2.0.3_textgt', 'Scene01', 'clone', 'colors.txt');
  await write(colors, 'Category r g b\nTerrain 210 0\n');
  await t.throwsAsync(openVirtualKitti(place, { version: 2 }), {
    message: /colors\.txt, line 2: expected a category/,
  });
  await write(colors, 'Category r g b\nBoat 1 2 3\n');
  await t.throwsAsync(openVirtualKitti(place, { version: 2 }), { message: /line 2: .*got `Boat 1 2 3`/ });
  await write(colors, 'Category r g b\nTerrain 210 0 200\n');
  const { frames } = await openVirtualKitti(place, { version: 2 });
  const labels = frames[0]?.labels;
  if (labels === undefined) return t.fail('expected labels');
  await t.throwsAsync(readLabels(labels), {
    message: /classgt_00000\.png: .*got `250 100 255` at column 1, row 0/,
  });
});

test('it is a source with depth: cropped in the middle, truth of the nearest pixels, the sky infinitely far', async (t) => {
  const place = path.join(root, 'source');
  await writeVirtualKitti1(place);
  const { training, heldOut } = await prepareDepthSource(`virtual-kitti:${place}?validation=2`, {
    ...{ width: 8, height: 4, seed: 1, workers: 1, folder: path.join(root, 'prepared') },
    report: () => undefined,
  });
  t.deepEqual([training.count, heldOut.count], [4, 2]);
  t.like(training.description, { width: 10, height: 5 });
  const samples = new StoredSamples(training);
  const { depthMeters, labels, intrinsics, rgb } = await samples.read(1);
  samples.close();
  // 20x6 covers 10x5 at 5/6 of the size: 17x5, of which 10 columns from 3 on are kept.
  t.deepEqual(
    [...depthMeters.slice(0, 2), depthMeters[10], depthMeters[20]],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1, 10],
  );
  // Column x is column floor((x + 3.5) 20 / 17) of the picture: 4, 5, 6, 7 of sky, road, car, van.
  t.deepEqual([...labels.slice(0, 4)], [10, 0, 13, 13]);
  t.true(Math.abs(intrinsics.fx - (725 * 17) / 1242) < 1e-9);
  t.is(rgb[0], 1);
});

test('a model is evaluated on it with the crop of the published tables', async (t) => {
  const place = path.join(root, 'evaluated');
  await writeVirtualKitti1(place);
  const source = await openSource(`virtual-kitti:${place}?variation=clone`, {}, 2);
  t.like(source, { crop: 'garg', count: 2, depthTruth: 'exact depth (camera z)' });
  for await (const { depth, labels } of source.frames()) {
    t.is(depth?.depthMeters.length, (HEIGHT - 1) * WIDTH);
    t.is(labels?.length, HEIGHT * WIDTH);
  }
  await source.close();
});
