import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { parseDataSpec } from '../../../../training/datasets/data-spec.js';
import { openFrameSet } from '../../../../training/datasets/files/open-frame-set.js';
import { readDepth } from '../../../../training/datasets/files/read-depth.js';
import { readLabels } from '../../../../training/datasets/files/read-labels.js';
import { readPicture } from '../../../../training/datasets/files/read-picture.js';
import { temporaryFolder } from '../samples.js';
import {
  HEIGHT,
  WIDTH,
  writeVirtualKitti1,
  writeVirtualKitti2,
} from '../virtual-kitti/virtual-kitti-tree.js';
import { write, writeColor, writeGrayPng } from './write-gray-png.js';
import { matFile } from './write-mat.js';

const root = temporaryFolder();
test.after.always(() => rm(root, { recursive: true, force: true }));

const SIZE: [number, number] = [HEIGHT, WIDTH];
const numbers = (value: number) => new Uint16Array(HEIGHT * WIDTH).fill(value);
const classes = (value: number) => new Uint8Array(HEIGHT * WIDTH).fill(value);

/** Writes a small tree of each data set, with two pictures at least. */
const TREES: Readonly<Record<string, (at: string) => Promise<void>>> = {
  nyuv2: async (at) => {
    for (const number of ['00001', '00002']) {
      const scene = path.join(at, 'official_splits', 'test', 'office');
      await writeColor(path.join(scene, `rgb_${number}.jpg`), SIZE, [9, 9, 9]);
      await writeGrayPng(path.join(scene, `sync_depth_${number}.png`), numbers(2500), WIDTH);
    }
  },
  make3d: async (at) => {
    for (const name of ['op1-p-015t000', 'op1-p-046t000']) {
      await writeColor(path.join(at, 'Test134', `img-${name}.jpg`), SIZE, [9, 9, 9]);
      const grid = { name: 'Position3DGrid', shape: [1, 1, 4], values: [1, 2, 3, 4] };
      await write(path.join(at, 'Gridlaserdata', `depth_sph_corr-${name}.mat`), matFile([grid]));
    }
  },
  'virtual-kitti': writeVirtualKitti1,
  'virtual-kitti 2': (at) => writeVirtualKitti2(at, true),
  synthia: async (at) => {
    for (const number of ['0000000', '0000001']) {
      await writeColor(path.join(at, 'RGB', `${number}.png`), SIZE, [9, 9, 9]);
      await writeGrayPng(path.join(at, 'GT', 'LABELS', `${number}.png`), numbers(3), WIDTH);
      await writeGrayPng(path.join(at, 'Depth', 'Depth', `${number}.png`), numbers(900), WIDTH);
    }
  },
  camvid: async (at) => {
    for (const name of ['0001TP_006690', 'Seq05VD_f00000']) {
      await writeColor(path.join(at, '701_StillsRaw_full', `${name}.png`), SIZE, [9, 9, 9]);
      await writeColor(path.join(at, 'LabeledApproved_full', `${name}_L.png`), SIZE, [128, 64, 128]);
    }
  },
  cityscapes: async (at) => {
    for (const number of ['000019', '000020']) {
      const name = `ulm_000000_${number}`;
      const place = (kind: string) => path.join(at, kind, 'val', 'ulm', name);
      await writeColor(`${place('leftImg8bit')}_leftImg8bit.png`, SIZE, [9, 9, 9]);
      await writeGrayPng(`${place('gtFine')}_gtFine_labelIds.png`, classes(7), WIDTH);
    }
  },
};
const kindOf = (name: string) => name.replace(/ .*/, '');
const opened = (name: string, at: string, query = '') =>
  openFrameSet(parseDataSpec(`${kindOf(name)}:${at}${query}`));

/** Renames every picture and grid to `.PNG`, `.JPG`, `.MAT`; leaves its folders, or writes them large too. */
async function shout(folder: string, folders: boolean): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) await shout(at, folders);
    const { name, ext } = path.parse(entry.name);
    const isFile = ['.png', '.jpg', '.mat'].includes(ext);
    const large = isFile ? `${name}${ext.toUpperCase()}` : entry.name.toUpperCase();
    if (isFile || (folders && entry.isDirectory())) await rename(at, path.join(folder, large));
  }
}

for (const [name, write] of Object.entries(TREES)) {
  test(`${name}: endings in capitals are the same data set`, async (t) => {
    const at = path.join(root, `${name} shouted`);
    await write(at);
    const before = await opened(name, at);
    await shout(at, ['nyuv2', 'make3d', 'synthia', 'camvid'].includes(name));
    const { frames, missing, title } = await opened(name, at);
    t.deepEqual([title, missing], [before.title, before.missing]);
    t.is(frames.length, before.frames.length);
    for (const { picture, depth, labels } of frames) {
      t.true(/\.(PNG|JPG)$/.test(picture), picture);
      await readPicture(picture);
      if (depth !== undefined) await readDepth(depth, { width: WIDTH, height: HEIGHT });
      if (labels !== undefined) await readLabels(labels);
    }
    const known = (set: typeof before) =>
      set.frames.map((f) => [f.depth !== undefined, f.labels !== undefined]);
    t.deepEqual(known({ ...before, frames }), known(before));
    t.true(known(before).flat().includes(true));
  });

  test(`${name}: what other systems leave in folders is no picture`, async (t) => {
    const at = path.join(root, `${name} littered`);
    await write(at);
    const before = await opened(name, at);
    const litter = async (folder: string): Promise<void> => {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) await litter(path.join(folder, entry.name));
        else await besideIt(path.join(folder, entry.name), path.join(folder, `._${entry.name}`));
      }
      for (const left of ['.DS_Store', 'Thumbs.db', 'readme.txt']) await writeText(path.join(folder, left));
    };
    await litter(at);
    const { frames, missing } = await opened(name, at);
    t.deepEqual(
      frames.map(({ picture }) => picture),
      before.frames.map(({ picture }) => picture),
    );
    t.deepEqual(missing, before.missing);
  });
}

/** Puts what is no picture beside a file. */
async function besideIt(file: string, beside: string): Promise<void> {
  if (existsSync(file)) await write(beside, 'Mac OS X');
}

const writeText = (file: string) => write(file, 'not a picture');

for (const name of ['nyuv2', 'make3d', 'virtual-kitti', 'virtual-kitti 2', 'synthia', 'camvid']) {
  test(`${name}: truth without its picture is told by the picture's name`, async (t) => {
    const at = path.join(root, `${name} cut short`);
    await TREES[name]?.(at);
    const [first] = (await opened(name, at)).frames;
    if (first === undefined) return t.fail('there are frames');
    await rm(first.picture);
    const file = path.basename(first.picture).replaceAll('.', String.raw`\.`);
    await t.throwsAsync(opened(name, at), {
      name: 'TrainingError',
      message: new RegExp(String.raw`1 of \d pictures are missing: .*${file}.*missing=allow`),
    });
    const { missing } = await opened(name, at, '?missing=allow');
    t.regex(missing.join('\n'), new RegExp(file));
  });
}

test('NYUv2: two pictures of one number are refused by name', async (t) => {
  const at = path.join(root, 'twins');
  await TREES.nyuv2?.(at);
  await writeColor(path.join(at, 'official_splits', 'test', 'office', 'rgb_00001.png'), SIZE, [9, 9, 9]);
  await t.throwsAsync(opened('nyuv2', at), {
    name: 'TrainingError',
    message: /rgb_00001\.png: expected one picture of number 00001, there is `rgb_00001\.jpg` too/,
  });
});

test('Virtual KITTI: a table of colours that is empty or contradicts itself is refused by file and line', async (t) => {
  const at = path.join(root, 'tables');
  await writeVirtualKitti2(at, true);
  const table = path.join(at, 'vkitti_2.0.3_textgt', 'Scene01', 'clone', 'colors.txt');
  await write(table, 'Category r g b\n');
  await t.throwsAsync(opened('virtual-kitti', at), {
    message: /colors\.txt: expected lines `Category r g b`, found none/,
  });
  await write(table, 'Category r g b\nTerrain 210 0 200\nSky 210 0 200\n');
  await t.throwsAsync(opened('virtual-kitti', at), {
    message: /colors\.txt, line 3: expected one class a colour, got `Sky 210 0 200`/,
  });
});
