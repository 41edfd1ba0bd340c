import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { openFrameSet } from '../../../../training/datasets/files/open-frame-set.js';
import { readDenseDepth } from '../../../../training/datasets/files/read-dense-depth.js';
import { readLabels } from '../../../../training/datasets/files/read-labels.js';
import { openSynthia } from '../../../../training/datasets/synthia/synthia.js';
import { SYNTHIA_TRAIN_IDS } from '../../../../training/datasets/synthia/synthia-classes.js';
import { TrainingError } from '../../../../training/errors.js';
import { write, writeColor, writeGrayPng } from '../files/write-gray-png.js';

const [WIDTH, HEIGHT] = [8, 4];

/** A png of three channels of 16 bits, the numbers in the first one and others in the second. */
async function writeWide(
  file: string,
  first: (i: number) => number,
  second: (i: number) => number,
): Promise<void> {
  const values = new Uint16Array(WIDTH * HEIGHT * 3);
  for (let i = 0; i < WIDTH * HEIGHT; i++) values.set([first(i), second(i), 0], 3 * i);
  const image = sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  await write(file, await image.toColourspace('rgb16').png().toBuffer());
}

async function tree(t: { teardown: (clean: () => void) => void }): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-synthia-'));
  t.teardown(() => rm(root, { recursive: true }));
  for (const name of ['0000000', '0000001'])
    await writeColor(path.join(root, 'RGB', `${name}.png`), [HEIGHT, WIDTH], [9, 9, 9]);
  return root;
}

test('classes lie in the first of several channels of 16 bits, depths are centimetres', async (t) => {
  const root = await tree(t);
  for (const name of ['0000000', '0000001']) {
    await writeWide(
      path.join(root, 'GT', 'LABELS', `${name}.png`),
      (i) => i % 23,
      (i) => 1000 + i,
    );
    const depth = (i: number) => (i === 0 ? 65535 : i === 1 ? 0 : 123 + i);
    await writeWide(path.join(root, 'Depth', 'Depth', `${name}.png`), depth, depth);
  }
  const { frames, missing, title, classSets, depthTruth } = await openFrameSet({
    ...{ kind: 'synthia', place: root, options: {} },
  });
  t.is(missing.length, 1);
  t.regex(missing[0] ?? '', /1280 x 760 pixels, as published, of 2 of 2 pictures .*`8 x 4`/);
  t.is(title, 'SYNTHIA-RAND-CITYSCAPES, 2 frames');
  t.deepEqual(classSets, ['16', '13', '7']);
  t.is(depthTruth, 'depth pictures (camera z)');
  const [frame] = frames;
  t.true(Math.abs((frame?.intrinsics?.fx ?? 0) - 532.740352 / 160) < 1e-9);
  if (frame?.labels === undefined || frame.depth === undefined) return t.fail();
  const labels = await readLabels(frame.labels);
  // Void, sky, building, road, sidewalk, fence ... as Cityscapes' trainIds; lane markings are none.
  t.deepEqual([...labels.values].slice(0, 6), [255, 10, 2, 0, 1, 4]);
  t.is(labels.values[22], 255);
  const depth = await readDenseDepth(frame.depth, { height: HEIGHT, width: WIDTH });
  t.is(depth.values[0], Number.POSITIVE_INFINITY, 'the sky');
  t.true(Number.isNaN(depth.values[1]));
  t.true(Math.abs((depth.values[2] ?? 0) - 1.25) < 1e-6);
});

test('the 16 classes of SYNTHIA and Cityscapes are each met once', (t) => {
  const known = SYNTHIA_TRAIN_IDS.filter((trainId) => trainId !== 255);
  t.is(new Set(known).size, 19);
  t.is(known.length, 19, 'terrain, truck and train have numbers, though none of them occurs');
});

test('parsed labels and depths of one channel are read as well, and what is missing is named', async (t) => {
  const root = await tree(t);
  await t.throwsAsync(openSynthia(path.join(root, 'none')), {
    instanceOf: TrainingError,
    message: /none\/RGB is missing; expected SYNTHIA-RAND-CITYSCAPES' pictures/,
  });
  const bare = await openSynthia(root);
  t.regex(
    bare.missing.join('\n'),
    /no label pictures: .*GT\/LABELS holds none\nno depth pictures: .*Depth\/Depth/,
  );
  t.is(bare.depthTruth, undefined);
  await writeGrayPng(
    path.join(root, 'parsed_LABELS', '0000000.png'),
    new Uint8Array(WIDTH * HEIGHT).fill(17),
    WIDTH,
  );
  await writeGrayPng(
    path.join(root, 'Depth', '0000000.png'),
    new Uint16Array(WIDTH * HEIGHT).fill(500),
    WIDTH,
  );
  await t.throwsAsync(openSynthia(root), {
    message: /1 of 2 label pictures are missing: `.*parsed_LABELS\/0000001/,
  });
  const { frames, missing } = await openSynthia(root, { allowMissing: true });
  t.regex(missing.join('\n'), /1 of 2 label.*\n1 of 2 depth pictures are missing: `.*Depth\/0000001\.png`/);
  const [first, second] = frames;
  t.is(second?.labels, undefined);
  if (first?.labels === undefined || first.depth === undefined) return t.fail();
  t.is((await readLabels(first.labels)).values[0], 12, 'a rider');
  t.is((await readDenseDepth(first.depth, { height: HEIGHT, width: WIDTH })).values[0], 5);
});

test('a number that is no class is an error that says where', async (t) => {
  const root = await tree(t);
  const file = path.join(root, 'GT', 'LABELS', '0000000.png');
  await writeWide(
    file,
    (i) => (i === 9 ? 23 : 1),
    () => 0,
  );
  const { frames } = await openSynthia(root, { allowMissing: true });
  const labels = frames[0]?.labels;
  if (labels === undefined) return t.fail();
  await t.throwsAsync(readLabels(labels), {
    instanceOf: TrainingError,
    message: /0000000\.png: expected class numbers `0\.\.22`, got 23 at column 1, row 1/,
  });
});

test('depth of 8 bits is refused: it would be read as centimetres', async (t) => {
  const root = await tree(t);
  const file = path.join(root, 'Depth', 'Depth', '0000000.png');
  await writeGrayPng(file, new Uint8Array(WIDTH * HEIGHT).fill(200), WIDTH);
  const depth = { kind: 'depth', channels: 'first', unitsPerMeter: 100, file } as const;
  await t.throwsAsync(readDenseDepth(depth, { width: WIDTH, height: HEIGHT }), {
    message: /0000000\.png cannot be read: expected a png with numbers of `16 bits`, got png of 1 \(uchar\)/,
  });
});
