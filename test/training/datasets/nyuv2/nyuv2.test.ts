import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { cropWindow } from '../../../../training/datasets/files/crop.js';
import { openFrameSet } from '../../../../training/datasets/files/open-frame-set.js';
import { readDepth } from '../../../../training/datasets/files/read-depth.js';
import { openNyuv2 } from '../../../../training/datasets/nyuv2/nyuv2.js';
import { write, writeColor, writeGrayPng } from '../files/write-gray-png.js';
import { temporaryFolder } from '../samples.js';

const root = temporaryFolder();
test.after.always(() => rm(root, { recursive: true, force: true }));

async function tree(place: string): Promise<string> {
  const folder = path.join(root, place);
  for (const [subset, scene, number] of [
    ['train', 'kitchen', '00003'],
    ['test', 'bathroom', '00045'],
    ['test', 'office', '00007'],
  ] as const) {
    const at = path.join(folder, 'official_splits', subset, scene);
    await writeColor(path.join(at, `rgb_${number}.jpg`), [6, 8], [50, 60, 70]);
    await writeGrayPng(path.join(at, `sync_depth_${number}.png`), new Uint16Array(48).fill(2500), 8);
  }
  return folder;
}

test('exported pairs are found by subset and scene, with millimetres and the published camera', async (t) => {
  const folder = await tree('whole');
  const { frames, protocol, title, missing } = await openNyuv2(folder);
  t.is(title, 'NYUv2 test, 2 pictures');
  t.deepEqual(
    frames.map(({ name }) => name),
    ['bathroom 00045', 'office 00007'],
  );
  t.deepEqual(protocol, { crop: 'nyuv2', capMeters: 10, medianScaling: false });
  const [{ depth, intrinsics } = {}] = frames;
  // Pictures of 8x6, published as 640x480: an eightieth of 518.858.
  t.regex(missing.join('\n'), /640 x 480 pixels, as published, of 2 of 2 pictures .*`8 x 6`/);
  t.true(Math.abs((intrinsics?.fx ?? 0) - 6.4857) < 1e-4);
  if (depth === undefined) return t.fail('no depth');
  const { depthMeters } = await readDepth(depth, { width: 8, height: 6 });
  t.deepEqual([depthMeters.length, depthMeters[0]], [48, 2.5]);
  const inner = path.join(folder, 'official_splits');
  const spec = { kind: 'nyuv2', place: inner, options: { subset: 'train' } };
  t.is((await openFrameSet(spec)).frames.length, 1);
});

test("Eigen's crop of 640x480 is rows 45 to 471 and columns 41 to 601", (t) => {
  t.deepEqual(cropWindow('nyuv2', 480, 640), { top: 45, bottom: 471, left: 41, right: 601 });
  t.deepEqual(cropWindow('make3d', 2272, 1704), { top: 710, bottom: 1562, left: 0, right: 1704 });
});

test('what is missing is said, with where it was looked for', async (t) => {
  const folder = await tree('holes');
  const file = path.join(folder, 'official_splits', 'test', 'office', 'sync_depth_00007.png');
  await rm(file);
  await t.throwsAsync(openNyuv2(folder), {
    name: 'TrainingError',
    message: /1 of 2 depth pictures are missing: `.*office\/sync_depth_00007\.png`/,
  });
  t.regex((await openNyuv2(folder, { allowMissing: true })).missing.join('\n'), /^1 of 2 depth pictures/);
  await t.throwsAsync(openNyuv2(path.join(root, 'nowhere')), {
    message: /test is missing; expected NYUv2's exported pairs/,
  });
});

test('files of HDF5 are refused with what exports them', async (t) => {
  const frames = path.join(root, 'h5');
  await write(path.join(frames, 'train', 'kitchen_0001', '00001.h5'), '\x89HDF');
  await write(path.join(frames, 'val', 'official', '00001.h5'), '\x89HDF');
  const message = /00001\.h5: expected exported pictures; .*docs\/adversarial-depth\.md/;
  await t.throwsAsync(openNyuv2(frames, { subset: 'train' }), { name: 'TrainingError', message });
  await t.throwsAsync(openNyuv2(frames), { message });
  const published = path.join(root, 'mat');
  await write(path.join(published, 'nyu_depth_v2_labeled.mat'), 'x');
  await t.throwsAsync(openNyuv2(published), {
    message: /nyu_depth_v2_labeled\.mat: expected exported pictures/,
  });
  await t.throwsAsync(openNyuv2(path.join(published, 'nyu_depth_v2_labeled.mat')), {
    message: /expected a folder/,
  });
});
