import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readDepth } from '../../../../training/datasets/files/read-depth.js';
import { readPicture } from '../../../../training/datasets/files/read-picture.js';
import { openKittiRaw } from '../../../../training/datasets/kitti/kitti-raw.js';
import { TrainingError } from '../../../../training/errors.js';
import { write, writeColor, writeGrayPng } from '../files/write-gray-png.js';
import { DATE, DRIVE, HEIGHT, sweepOf, WIDTH, writeKittiRaw } from './kitti-tree.js';

async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-kitti-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

const SIZE = { height: HEIGHT, width: WIDTH };

test('without a list, every left picture is a frame with its neighbours, intrinsics and sweep', async (t) => {
  const root = await folderOf(t);
  await writeKittiRaw(root);
  const { frames, missing, title } = await openKittiRaw(root);
  t.is(title, 'KITTI raw, 4 frames');
  t.deepEqual(missing, []);
  t.deepEqual(
    frames.map(({ name }) => name),
    [0, 1, 2, 3].map((i) => `${DATE}/${DRIVE} ${i} l`),
  );
  t.deepEqual(frames[1]?.intrinsics, { fx: 10, fy: 8, cx: 16, cy: 12 });
  t.deepEqual([frames[0]?.previous, frames[3]?.next], [undefined, undefined]);
  t.deepEqual([frames[1]?.previous, frames[1]?.next], [frames[0]?.picture, frames[2]?.picture]);
  const picture = await readPicture(frames[2]?.picture ?? '');
  t.deepEqual([picture.width, picture.height, ...picture.rgb.subarray(0, 3)], [WIDTH, HEIGHT, 100, 0, 0]);
});

test('a sweep is projected into the rectified camera: pixel and camera z as worked out by hand', async (t) => {
  const root = await folderOf(t);
  await writeKittiRaw(root);
  const split = path.join(root, 'list.txt');
  await write(split, `# mine\n\n${DATE}/${DRIVE} 0 l\n${DATE}/${DRIVE} 0 r\n`);
  const { frames } = await openKittiRaw(root, { split });
  const [left, right] = frames;
  if (left?.depth === undefined || right?.depth === undefined) return t.fail();
  // Point (10.2, -0.2, 0.4): camera 00 sees (0.2, -0.4 - 0.1, 10.2 - 0.2) = (0.2, -0.5, 10);
  // camera 02 stands 0.5 m further right: x -0.3, column 15.7, row 12 - 8 * 0.05 = 11.6; camera 03: x -0.8, column 15.2.
  const depth = await readDepth(left.depth, SIZE);
  t.deepEqual([...depth.columns, ...depth.rows], [16, 12]);
  t.true(Math.abs((depth.depthMeters[0] ?? 0) - 10) < 1e-5);
  const other = await readDepth(right.depth, SIZE);
  t.deepEqual([[...other.columns], [...other.rows]], [[15], [12]]);
  t.regex(right.picture, /image_03/);
});

test("the published tables' convention takes the LiDAR's x, one pixel further up and left", async (t) => {
  const root = await folderOf(t);
  await writeKittiRaw(root);
  const { frames } = await openKittiRaw(root, { truth: 'lidar-monodepth2' });
  const depth = await readDepth(frames[0]?.depth ?? t.fail('no depth') ?? (undefined as never), SIZE);
  t.deepEqual([...depth.columns, ...depth.rows], [15, 11]);
  t.true(Math.abs((depth.depthMeters[0] ?? 0) - 10.2) < 1e-5);
});

test('of two points on a pixel the nearer counts; points behind the camera and beside the picture do not', async (t) => {
  const root = await folderOf(t);
  await writeKittiRaw(root);
  const sweep = path.join(root, DATE, DRIVE, 'velodyne_points', 'data', '0000000000.bin');
  const points = sweepOf([
    [20.2, -0.5, 0.4],
    [10.2, -0.5, 0.4],
    [-10, -0.5, 0.4],
    [1, 30, 0.4],
  ]);
  await write(sweep, points);
  const { frames } = await openKittiRaw(root);
  const depth = await readDepth(frames[0]?.depth ?? (t.fail() as never), SIZE);
  t.deepEqual(
    [...depth.depthMeters].map((z) => Math.round(z * 1000)),
    [10_000],
  );
  await write(sweep, points.subarray(1));
  await t.throwsAsync(readDepth(frames[0]?.depth ?? (t.fail() as never), SIZE), {
    instanceOf: TrainingError,
    message: /0000000000\.bin is damaged: expected a multiple of `16` bytes, got 63/,
  });
});

test('lists in both published forms are read, and pictures kept as jpg are found', async (t) => {
  const root = await folderOf(t);
  await writeKittiRaw(root, 'jpg');
  const split = path.join(root, 'eigen.txt');
  await write(
    split,
    `${DATE}/${DRIVE}/image_02/data/0000000001.png ${DATE}/${DRIVE}/image_03/data/0000000001.png\r\n${DATE}/${DRIVE} 2 r\r\n`,
  );
  const { frames, title } = await openKittiRaw(root, { split });
  t.is(title, 'KITTI raw, 2 frames of eigen.txt');
  t.deepEqual(
    frames.map(({ picture }) => path.relative(path.join(root, DATE, DRIVE), picture)),
    ['image_02/data/0000000001.jpg', 'image_03/data/0000000002.jpg'],
  );
  await write(split, `${DATE}/${DRIVE} one l\n`);
  await t.throwsAsync(openKittiRaw(root, { split }), {
    instanceOf: TrainingError,
    message: /eigen\.txt, line 1: expected `DATE\/DRIVE_sync INDEX l\|r` or .*, got 2011_09_26\/.* one l/,
  });
});

test('frames of a list that are not there are an error, unless they are allowed to be missing', async (t) => {
  const root = await folderOf(t);
  await writeKittiRaw(root);
  const split = path.join(root, 'list.txt');
  await write(split, `${DATE}/${DRIVE} 1 l\n${DATE}/${DRIVE} 77 l\n`);
  await t.throwsAsync(openKittiRaw(root, { split }), {
    instanceOf: TrainingError,
    message: /1 of 2 pictures are missing: `.*image_02\/data\/0000000077\.png`\. Complete the data set/,
  });
  const { frames, missing } = await openKittiRaw(root, { split, allowMissing: true });
  t.is(frames.length, 1);
  t.regex(missing[0] ?? '', /^1 of 2 pictures are missing/);
  await rm(path.join(root, DATE, DRIVE, 'velodyne_points'), { recursive: true });
  await t.throwsAsync(openKittiRaw(root), { instanceOf: TrainingError, message: /4 of 4 LiDAR sweeps/ });
  t.deepEqual((await openKittiRaw(root, { truth: 'none' })).missing, []);
});

test('resized copies get the intrinsics of their size, and so does the LiDAR seen in them; it is said', async (t) => {
  const root = await folderOf(t);
  await writeKittiRaw(root);
  for (const index of [0, 1, 2, 3]) {
    const name = `${String(index).padStart(10, '0')}.png`;
    const file = path.join(root, DATE, DRIVE, 'image_02', 'data', name);
    await writeColor(file, [HEIGHT / 2, WIDTH / 2], [9, 9, 9]);
  }
  const { frames, missing } = await openKittiRaw(root);
  // Half of fx 10, fy 8 and the centre (16, 12), pixel centres at integers.
  const halved = { fx: 5, fy: 4, cx: 7.75, cy: 5.75 };
  const [first] = frames;
  const seen = first?.depth?.kind === 'velodyne' ? first.depth.intrinsics : undefined;
  t.deepEqual([first?.intrinsics, seen], [halved, halved]);
  t.is(missing.length, 1);
  t.regex(
    missing[0] ?? '',
    /^40 x 20 pixels, as calibrated, of .*0000000000\.png \(`20 x 10`\): intrinsics are/,
  );
});

test('a folder that is no KITTI raw, and a calibration without the camera, are named with what was expected', async (t) => {
  const root = await folderOf(t);
  await t.throwsAsync(openKittiRaw(path.join(root, 'no')), {
    instanceOf: TrainingError,
    message: /no is missing; expected KITTI raw: folders like `2011_09_26\/2011_09_26_drive_0001_sync`/,
  });
  await t.throwsAsync(openKittiRaw(root), { instanceOf: TrainingError, message: /holds no pictures/ });
  await writeKittiRaw(root);
  await write(path.join(root, DATE, 'calib_cam_to_cam.txt'), 'P_rect_02: 1 2 3\n');
  await t.throwsAsync(openKittiRaw(root), {
    instanceOf: TrainingError,
    message: /calib_cam_to_cam\.txt: expected a line `P_rect_02:` with `12` numbers, got 1 2 3/,
  });
  await rm(path.join(root, DATE, 'calib_cam_to_cam.txt'));
  await t.throwsAsync(openKittiRaw(root), {
    instanceOf: TrainingError,
    message: /calib_cam_to_cam\.txt is missing; expected the calibration of the cameras/,
  });
});

test('the improved ground truth is metres times 256, found in either layout; frames without a map are said', async (t) => {
  const root = await folderOf(t);
  await writeKittiRaw(root);
  const improved = path.join(root, 'annotated');
  const map = (index: number) =>
    path.join('proj_depth', 'groundtruth', 'image_02', `${String(index).padStart(10, '0')}.png`);
  const values = new Uint16Array(WIDTH * HEIGHT);
  values[WIDTH * 3 + 5] = 256 * 12 + 64;
  values[WIDTH * 19 + 39] = 65535;
  await writeGrayPng(path.join(improved, 'val', DRIVE, map(1)), values, WIDTH);
  await writeGrayPng(path.join(improved, 'train', DRIVE, map(2)), values, WIDTH);
  const { frames, missing } = await openKittiRaw(root, { truth: { improved } });
  t.deepEqual(
    frames.map(({ depth }) => depth?.kind),
    [undefined, 'depth', 'depth', undefined],
  );
  t.regex(missing[0] ?? '', /^2 of 4 improved depth maps .* are missing: `2011_09_26\/.* 0 l`/);
  const depth = await readDepth(frames[1]?.depth ?? (t.fail() as never), SIZE);
  t.deepEqual(
    [[...depth.columns], [...depth.rows]],
    [
      [5, 39],
      [3, 19],
    ],
  );
  t.deepEqual([...depth.depthMeters], [12.25, 65535 / 256]);
  await writeGrayPng(path.join(improved, 'val', DRIVE, map(1)), new Uint8Array(WIDTH * HEIGHT), WIDTH);
  await t.throwsAsync(readDepth(frames[1]?.depth ?? (t.fail() as never), SIZE), {
    instanceOf: TrainingError,
    message: /0000000001\.png cannot be read: expected a png of one `16-bit` channel, got png of 1 \(uchar\)/,
  });
});
