import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { openCityscapes } from '../../../../training/datasets/cityscapes/cityscapes.js';
import { trainIdsOf } from '../../../../training/datasets/cityscapes/train-ids.js';
import { readDepth } from '../../../../training/datasets/files/read-depth.js';
import { readLabels } from '../../../../training/datasets/files/read-labels.js';
import { TrainingError } from '../../../../training/errors.js';
import { write, writeColor, writeGrayPng } from '../files/write-gray-png.js';

const [HEIGHT, WIDTH] = [4, 8];

test('pictures, labels, intrinsics and sequence neighbours are found city by city', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-cityscapes-'));
  t.teardown(() => rm(root, { recursive: true }));
  await t.throwsAsync(openCityscapes(root), {
    instanceOf: TrainingError,
    message:
      /leftImg8bit\/val is missing; expected Cityscapes' pictures, `leftImg8bit\/val\/CITY\/\*_leftImg8bit\.png`/,
  });
  const names = ['frankfurt_000000_000294', 'munster_000100_000019'];
  for (const name of names) {
    const city = name.slice(0, name.indexOf('_'));
    await writeColor(
      path.join(root, 'leftImg8bit', 'val', city, `${name}_leftImg8bit.png`),
      [HEIGHT, WIDTH],
      [9, 9, 9],
    );
  }
  const bare = await openCityscapes(root);
  t.deepEqual(
    bare.frames.map(({ name, labels, intrinsics }) => [name, labels, intrinsics]),
    names.map((name) => [name, undefined, undefined]),
  );
  t.regex(
    bare.missing.join('\n'),
    /no labels: .*gtFine\/val holds none\n2 of 2 camera files \(intrinsics\) are missing/,
  );

  const gt = (name: string, kind: string) =>
    path.join(root, 'gtFine', 'val', name.slice(0, name.indexOf('_')), `${name}_gtFine_${kind}.png`);
  await writeGrayPng(gt(names[0] ?? '', 'labelIds'), new Uint8Array(HEIGHT * WIDTH).fill(24), WIDTH);
  await t.throwsAsync(openCityscapes(root), {
    instanceOf: TrainingError,
    message: /1 of 2 label pictures are missing: `.*munster_000100_000019_gtFine_labelIds\.png`/,
  });
  await writeGrayPng(gt(names[1] ?? '', 'labelIds'), new Uint8Array(HEIGHT * WIDTH), WIDTH);
  await writeGrayPng(gt(names[1] ?? '', 'labelTrainIds'), new Uint8Array(HEIGHT * WIDTH).fill(18), WIDTH);
  const camera = path.join(root, 'camera', 'val', 'frankfurt', 'frankfurt_000000_000294_camera.json');
  await write(camera, JSON.stringify({ intrinsic: { fx: 2262.52, fy: 2265.3, u0: 1096.98, v0: 513.137 } }));
  for (const beside of ['000293', '000295']) {
    const file = path.join(
      root,
      'leftImg8bit_sequence',
      'val',
      'frankfurt',
      `frankfurt_000000_${beside}_leftImg8bit.png`,
    );
    await writeColor(file, [HEIGHT, WIDTH], [8, 8, 8]);
  }
  const { frames, missing } = await openCityscapes(root);
  // The published camera is that of 2048 x 1024 pixels; the pictures here are copies of 8 x 4, 1/256 of that.
  const copy = {
    ...{ fx: 2262.52 / 256, fy: 2265.3 / 256 },
    ...{ cx: 1097.48 / 256 - 0.5, cy: 513.637 / 256 - 0.5 },
  };
  const { fx = 0, fy = 0, cx = 0, cy = 0 } = frames[0]?.intrinsics ?? {};
  t.true([fx - copy.fx, fy - copy.fy, cx - copy.cx, cy - copy.cy].every((by) => Math.abs(by) < 1e-9));
  t.regex(missing.join('\n'), /2048 x 1024 pixels, as published, of 1 of 2 pictures .*`8 x 4`/);
  t.regex(frames[0]?.previous ?? '', /leftImg8bit_sequence.*000293/);
  t.regex(frames[0]?.next ?? '', /leftImg8bit_sequence.*000295/);
  t.is(frames[1]?.next, undefined);
  t.regex(missing.join(), /^1 of 2 camera files/);
  const values = await Promise.all(
    frames.map(async ({ labels }) => labels && (await readLabels(labels)).values[0]),
  );
  t.deepEqual(values, [11, 18]); // person by its id, bicycle by its trainId
  await write(camera, JSON.stringify({ intrinsic: { fx: 'wide' } }));
  await t.throwsAsync(openCityscapes(root), {
    instanceOf: TrainingError,
    message: /camera\.json: expected numbers `intrinsic\.fx`/,
  });
});

test('disparities become depths by each camera, where they are asked for; what is missing is named', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-cityscapes-'));
  t.teardown(() => rm(root, { recursive: true }));
  const file = (kind: string, name: string) =>
    path.join(root, kind, 'train', 'ulm', `ulm_000000_000019_${name}`);
  await writeColor(file('leftImg8bit', 'leftImg8bit.png'), [HEIGHT, WIDTH], [9, 9, 9]);
  const depth = 'disparity';
  const open = (options: object) => openCityscapes(root, { subset: 'train', ...options });
  await t.throwsAsync(open({ depth }), {
    message: /1 of 1 camera files \(intrinsics\) are missing: `.*camera\/train\/ulm/,
  });
  t.regex(
    (await open({ depth, allowMissing: true })).missing.join('\n'),
    /1 of 1 disparity maps are missing: `.*disparity\/train\/ulm/,
  );
  t.is((await open({})).depthTruth, undefined, 'unless asked for');
  // 0 is unknown, 1 is no disparity at all; (2561 - 1) / 256 = 10 pixels: 2262.52 * 0.209313 / 10 metres.
  const values = new Uint16Array(HEIGHT * WIDTH).fill(2561);
  values.set([0, 1]);
  await writeGrayPng(file('disparity', 'disparity.png'), values, WIDTH);
  const intrinsic = { fx: 2262.52, fy: 2265.3, u0: 4, v0: 2 };
  await write(file('camera', 'camera.json'), JSON.stringify({ intrinsic }));
  await t.throwsAsync(open({ depth }), { message: /1 of 1 baselines.*camera\.json/ });
  await write(
    file('camera', 'camera.json'),
    JSON.stringify({ intrinsic, extrinsic: { baseline: 0.209313 } }),
  );
  const { frames, crop, depthTruth, missing } = await open({ depth });
  t.deepEqual([crop, depthTruth], ['garg', 'disparity maps (camera z)']);
  t.regex(missing.join(), /^no labels: .*gtFine\/train holds none$/);
  t.deepEqual(
    frames[0]?.intrinsics,
    { fx: 2262.52, fy: 2265.3, cx: 4, cy: 2 },
    'made to go with the picture',
  );
  const truth = frames[0]?.depth;
  if (truth === undefined) return t.fail('expected depth');
  const { depthMeters, columns } = await readDepth(truth, { width: WIDTH, height: HEIGHT });
  t.is(depthMeters.length, HEIGHT * WIDTH - 2);
  t.is(columns[0], 2);
  t.true(Math.abs((depthMeters[0] ?? 0) - (2262.52 * 0.209313) / 10) < 1e-4);
});

test("ids become trainIds as Cityscapes' table has it, all others unlabelled", (t) => {
  const evaluated = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];
  t.deepEqual([...trainIdsOf(Uint8Array.from(evaluated))], [...evaluated.keys()]);
  const others = Array.from({ length: 256 }, (_, id) => id).filter((id) => !evaluated.includes(id));
  t.true(trainIdsOf(Uint8Array.from(others)).every((id) => id === 255));
});
