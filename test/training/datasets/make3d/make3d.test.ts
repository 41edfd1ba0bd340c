import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { readDepth } from '../../../../training/datasets/files/read-depth.js';
import { openMake3d } from '../../../../training/datasets/make3d/make3d.js';
import { preparePaired } from '../../../../training/datasets/prepare/prepare-data.js';
import { StoredSamples } from '../../../../training/datasets/stores/stored-samples.js';
import { write, writeColor } from '../files/write-gray-png.js';
import { matFile } from '../files/write-mat.js';
import { temporaryFolder } from '../samples.js';

const root = temporaryFolder();
test.after.always(() => rm(root, { recursive: true, force: true }));

const [ROWS, COLUMNS] = [2, 4];
/** Depths 10 r + c metres in row r, column c, and one at 81 m; other layers hold other numbers. */
function gridFile(): Buffer {
  const layer = (of: (row: number, column: number) => number) =>
    Array.from({ length: ROWS * COLUMNS }, (_, i) => of(i % ROWS, Math.floor(i / ROWS)));
  const depths = layer((row, column) => (row === 1 && column === 3 ? 81 : 10 * (row + 1) + column));
  const other = layer(() => 5);
  return matFile(
    [
      {
        name: 'Position3DGrid',
        shape: [ROWS, COLUMNS, 4],
        values: [...other, ...other, ...other, ...depths],
      },
    ],
    { compressed: true },
  );
}

async function tree(place: string): Promise<string> {
  const folder = path.join(root, place);
  for (const [pictures, depths, name] of [
    ['Train400Img', 'Train400Depth', 'combined1-p-108t0'],
    ['Train400Img', 'Train400Depth', 'combined1-p-139t0'],
    ['Test134', 'Gridlaserdata', 'op1-p-015t000'],
  ] as const) {
    await writeColor(path.join(folder, pictures, `img-${name}.jpg`), [40, 30], [9, 9, 9]);
    await write(path.join(folder, depths, `depth_sph_corr-${name}.mat`), gridFile());
  }
  return folder;
}

test('pictures come with their laser depths, and the camera of the published code', async (t) => {
  const folder = await tree('whole');
  const { frames, title, protocol, missing } = await openMake3d(folder);
  t.is(title, 'Make3D test, 1 pictures');
  t.deepEqual(missing, []);
  t.deepEqual(protocol, { crop: 'make3d', medianScaling: false, capMeters: 70 });
  const [frame] = frames;
  if (frame?.depth === undefined) return t.fail('no depth');
  t.true(Math.abs((frame.intrinsics?.fx ?? 0) - 30 / 0.70783777) < 1e-9);
  const { columns, rows, depthMeters, width, height } = await readDepth(frame.depth, {
    width: 30,
    height: 40,
  });
  t.deepEqual([width, height], [30, 40]);
  // Cells of 7.5 x 20 pixels, their middles.
  t.deepEqual([...columns], [3, 11, 18, 26, 3, 11, 18, 26]);
  t.deepEqual([...rows], [10, 10, 10, 10, 30, 30, 30, 30]);
  t.deepEqual([...depthMeters], [10, 11, 12, 13, 20, 21, 22, 81]);
  t.is((await openMake3d(folder, { subset: 'train' })).frames.length, 2);
});

test('C2 takes what is beyond 80 m as 80 m, and counts it', async (t) => {
  const { frames, protocol } = await openMake3d(await tree('c2'), { errors: 'C2' });
  const depth = frames[0]?.depth;
  if (depth === undefined) return t.fail('no depth');
  const { depthMeters } = await readDepth(depth, { width: 30, height: 40 });
  t.is(depthMeters.at(-1), 80);
  t.true((protocol?.capMeters ?? 0) > 80 && (protocol?.capMeters ?? 0) < 80.01);
});

test('what is missing is said, with where it was looked for', async (t) => {
  const folder = await tree('holes');
  await rm(path.join(folder, 'Train400Depth', 'depth_sph_corr-combined1-p-108t0.mat'));
  await t.throwsAsync(openMake3d(folder, { subset: 'train' }), {
    name: 'TrainingError',
    message: /1 of 2 laser depths are missing: `.*Train400Depth\/depth_sph_corr-combined1-p-108t0\.mat`/,
  });
  const { frames, missing } = await openMake3d(folder, { subset: 'train', allowMissing: true });
  t.deepEqual([frames.length, missing.length], [2, 1]);
  await t.throwsAsync(openMake3d(path.join(root, 'nowhere')), {
    message: /Test134 is missing; expected Make3D/,
  });
  await write(
    path.join(folder, 'Gridlaserdata', 'depth_sph_corr-op1-p-015t000.mat'),
    matFile([{ name: 'Position3DGrid', shape: [2, 4], values: [1, 2, 3, 4, 5, 6, 7, 8] }]),
  );
  const [frame] = (await openMake3d(folder)).frames;
  if (frame?.depth === undefined) return t.fail('no depth');
  await t.throwsAsync(readDepth(frame.depth, { width: 30, height: 40 }), {
    message: /expected `Position3DGrid` as `\[55, 305, 4\]`, got \[2, 4\]/,
  });
});

test('for training every pixel has the depth of the cell that covers it', async (t) => {
  const folder = await tree('paired');
  const { training, heldOut, crop } = await preparePaired(`make3d:${folder}?validation=1`, {
    ...{ width: 16, height: 16, seed: 1, workers: 1, folder: path.join(root, 'prepared') },
    report: () => undefined,
  });
  t.deepEqual([training.count, heldOut.count, heldOut.first], [1, 1, 1]);
  t.true(Math.abs(crop[0] - 256 / 288) < 1e-9);
  // 30x40 so that crops of 16x16 are 8/9 of its width: 18x24.
  const store = new StoredSamples(training);
  const { width, height, depthMeters } = await store.read(0);
  store.close();
  t.deepEqual([width, height], [18, 24]);
  t.deepEqual(
    [depthMeters[0], depthMeters[17], depthMeters[11 * 18], depthMeters[12 * 18]],
    [10, 13, 10, 20],
  );
});
