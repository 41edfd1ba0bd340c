import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { readDepth } from '../../../../training/datasets/files/read-depth.js';
import { readLabels } from '../../../../training/datasets/files/read-labels.js';
import { openKitti2015 } from '../../../../training/datasets/kitti/kitti-2015.js';
import { TrainingError } from '../../../../training/errors.js';
import { write, writeColor, writeGrayPng } from '../files/write-gray-png.js';
import { CAMERA_CALIBRATION, HEIGHT, WIDTH } from './kitti-tree.js';

test('disparities become depths by the calibration of each picture; labels and neighbours are found', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-kitti15-'));
  t.teardown(() => rm(root, { recursive: true }));
  const training = path.join(root, 'training');
  await t.throwsAsync(openKitti2015(root), {
    instanceOf: TrainingError,
    message: /image_2 is missing; expected the pictures of KITTI 2015, `training\/image_2\/000000_10\.png`/,
  });
  for (const id of ['000000', '000001']) {
    await writeColor(path.join(training, 'image_2', `${id}_10.png`), [HEIGHT, WIDTH], [1, 2, 3]);
    await writeColor(path.join(training, 'image_2', `${id}_11.png`), [HEIGHT, WIDTH], [1, 2, 3]);
    await write(path.join(training, 'calib_cam_to_cam', `${id}.txt`), CAMERA_CALIBRATION);
  }
  const disparity = new Uint16Array(WIDTH * HEIGHT);
  disparity[7] = 128; // half a pixel
  disparity[WIDTH + 1] = 2560;
  await writeGrayPng(path.join(training, 'disp_occ_0', '000000_10.png'), disparity, WIDTH);
  await t.throwsAsync(openKitti2015(root), {
    instanceOf: TrainingError,
    message: /1 of 2 disparity maps are missing: `.*disp_occ_0\/000001_10\.png`/,
  });
  const { frames, missing, title } = await openKitti2015(root, { allowMissing: true });
  t.is(title, 'KITTI 2015, 2 frames');
  t.regex(missing.join('\n'), /disparity maps.*\nno labels: .*semantic is not there/);
  t.is(frames[0]?.previous, undefined);
  t.regex(frames[0]?.next ?? '', /000000_11\.png$/);
  const depth = await readDepth(frames[0]?.depth ?? (t.fail() as never), { height: 0, width: 0 });
  // fx times the baseline of 0.5 m is -5 - (-10) = 5: half a pixel is 10 m, ten pixels half a metre.
  t.deepEqual(
    [[...depth.columns], [...depth.rows], [...depth.depthMeters]],
    [
      [7, 1],
      [0, 1],
      [10, 0.5],
    ],
  );

  // A copy of half the size: its camera is halved, and disparities keep the numbers of the published size.
  const small = path.join(training, 'image_2', '000000_10.png');
  await writeColor(small, [HEIGHT / 2, WIDTH / 2], [1, 2, 3]);
  const halved = await openKitti2015(root, { allowMissing: true });
  const [copy] = halved.frames;
  t.deepEqual(copy?.intrinsics, { fx: 5, fy: 4, cx: 7.75, cy: 5.75 });
  t.is(copy?.depth?.kind === 'disparity' && copy.depth.focalBaseline, 5);
  t.regex(halved.missing.join('\n'), /40 x 20 pixels, as calibrated, of .*000000_10\.png \(`20 x 10`\)/);
  await writeColor(small, [HEIGHT, WIDTH], [1, 2, 3]);

  const ids = new Uint8Array(WIDTH * HEIGHT).fill(26);
  ids.set([7, 23, 0, 1, 33, 255]);
  await writeGrayPng(path.join(training, 'semantic', '000000_10.png'), ids, WIDTH);
  const [first, second] = (await openKitti2015(training, { allowMissing: true })).frames;
  t.is(second?.labels, undefined);
  const { values } = await readLabels(first?.labels ?? (t.fail() as never));
  t.deepEqual([...values.subarray(0, 7)], [0, 10, 255, 255, 18, 255, 13]);
});
