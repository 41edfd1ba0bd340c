import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { prepareSource, prepareTarget } from '../../../../training/datasets/prepare/prepare-data.js';
import type { SizedPreparation } from '../../../../training/datasets/prepare/prepared-data.js';
import { StoredSamples } from '../../../../training/datasets/stores/stored-samples.js';
import {
  StoredTriplets,
  type StoredTripletsOptions,
} from '../../../../training/datasets/stores/stored-triplets.js';
import { TrainingError } from '../../../../training/errors.js';
import { write, writeColor, writeGrayPng } from '../files/write-gray-png.js';
import { DATE, DRIVE, writeKittiRaw } from '../kitti/kitti-tree.js';
import { temporaryFolder } from '../samples.js';

const root = temporaryFolder();
test.after.always(() => rm(root, { recursive: true, force: true }));

const preparation = (name: string): SizedPreparation => ({
  ...{ width: 20, height: 10, seed: 1, workers: 1, folder: path.join(root, name, 'prepared') },
  report: () => undefined,
});

async function read(options: StoredTripletsOptions) {
  const triplets = new StoredTriplets(options);
  const all = await Promise.all(Array.from({ length: triplets.count }, (_, i) => triplets.read(i)));
  triplets.close();
  return all;
}

test('triplets of KITTI raw need no LiDAR; their cameras are those of the resized pictures', async (t) => {
  const place = path.join(root, 'kitti');
  await writeKittiRaw(place);
  await rm(path.join(place, DATE, 'calib_velo_to_cam.txt'));
  await rm(path.join(place, DATE, DRIVE, 'velodyne_points'), { recursive: true });
  const { training, heldOut } = await prepareTarget(`kitti-raw:${place}?validation=1`, preparation('kitti'));
  // Frames 0..3 are red 0, 50, 100, 150: frames 1 and 2 have both neighbours.
  for (const [options, reds] of [
    [training, [0, 50, 100]],
    [heldOut, [50, 100, 150]],
  ] as const) {
    const [triplet, ...others] = await read(options);
    if (triplet === undefined || others.length > 0) return t.fail('expected one triplet');
    const { previous, target, next, intrinsics, depthMeters, labels } = triplet;
    t.deepEqual(
      [previous, target, next].map((rgb) => rgb[0]),
      reds,
    );
    // Half the size, pixel centres at integers: cx = (16 + 0.5) / 2 - 0.5, cy = (12 + 0.5) / 2 - 0.5.
    t.deepEqual(intrinsics, { fx: 5, fy: 4, cx: 7.75, cy: 5.75 });
    t.deepEqual([depthMeters, labels], [undefined, undefined]);
  }
});

test('where no frame has both neighbours, the message names what the data set lacks', async (t) => {
  const place = path.join(root, 'gaps');
  await writeKittiRaw(place);
  const split = path.join(root, 'gaps.txt');
  await write(split, `${DATE}/${DRIVE} 0 l\n${DATE}/${DRIVE} 9 l\n`);
  await t.throwsAsync(prepareTarget(`kitti-raw:${place}?split=${split}&missing=allow`, preparation('gaps')), {
    instanceOf: TrainingError,
    message:
      /pictures before and after them.*none of .* has both \(1 of 2 pictures are missing: `.*0000000009\.png`\)/,
  });
});

test('labelled images of Cityscapes are those of its training set, unless another is asked for', async (t) => {
  const place = path.join(root, 'city');
  const spec = `cityscapes:${place}`;
  await t.throwsAsync(prepareSource(spec, preparation('city')), {
    instanceOf: TrainingError,
    message: /leftImg8bit\/train is missing/,
  });
  const name = 'ulm_000000_000019';
  const size = [32, 64] as const;
  await writeColor(
    path.join(place, 'leftImg8bit', 'train', 'ulm', `${name}_leftImg8bit.png`),
    size,
    [9, 8, 7],
  );
  // trainId 13 left, 2 right.
  const labels = Uint8Array.from({ length: 32 * 64 }, (_, i) => (i % 64 < 32 ? 13 : 2));
  const gt = path.join(place, 'gtFine', 'train', 'ulm', `${name}_gtFine_labelTrainIds.png`);
  await writeGrayPng(gt, labels, 64);
  const { training } = await prepareSource(spec, preparation('city'));
  const source = new StoredSamples(training);
  t.is(source.count, 1);
  const sample = await source.read(0);
  source.close();
  // Stored 1.6 times as wide as the network's pictures, whole: 32x16.
  t.deepEqual([sample.width, sample.height], [32, 16]);
  t.deepEqual([...sample.rgb.subarray(0, 3)], [9, 8, 7]);
  t.deepEqual([...sample.labels.subarray(15, 17)], [13, 2]);
});

test('another subset of as many pictures is not taken for the one that is stored already', async (t) => {
  const place = path.join(root, 'subsets');
  for (const [subset, grey] of [
    ['train', 90],
    ['val', 30],
  ] as const) {
    const name = 'ulm_000000_000019';
    const picture = path.join(place, 'leftImg8bit', subset, 'ulm', `${name}_leftImg8bit.png`);
    await writeColor(picture, [32, 64], [grey, grey, grey]);
    const labels = path.join(place, 'gtFine', subset, 'ulm', `${name}_gtFine_labelTrainIds.png`);
    await writeGrayPng(labels, new Uint8Array(32 * 64).fill(2), 64);
  }
  for (const [query, grey] of [
    ['', 90],
    ['?subset=val', 30],
    ['?subset=train', 90],
  ] as const) {
    const { training } = await prepareSource(`cityscapes:${place}${query}`, preparation('subsets'));
    const source = new StoredSamples(training);
    t.is((await source.read(0)).rgb[0], grey, query);
    source.close();
  }
});
