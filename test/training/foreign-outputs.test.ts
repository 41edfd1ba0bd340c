import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { makePictureFolder } from '../../msgs/picture/make-picture-folder.js';
import { rgbPicture } from '../../msgs/picture/rgb-picture.js';
import { writePng } from '../../msgs/picture/write-png.js';
import { openWorkFolder } from '../../training/adaptation/work-folder.js';
import { SampleStore } from '../../training/datasets/stores/sample-store.js';
import { writeReport } from '../../training/evaluation/write-report.js';

const root = mkdtempSync(path.join(os.tmpdir(), 'rxdepth-foreign-'));
test.after.always(() => rm(root, { recursive: true, force: true }));

let count = 0;
function folderOf(...files: readonly string[]): string {
  const folder = path.join(root, String(count++));
  mkdirSync(folder);
  for (const name of files) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), 'mine');
  }
  return folder;
}

for (const name of ['frames/0001.jpg', 'thesis.txt', 'panels2/x'])
  test(`adapt --output leaves a folder with ${name} alone`, async (t) => {
    const folder = folderOf(name, 'log.csv');
    await t.throwsAsync(openWorkFolder(folder), {
      name: 'TrainingError',
      message: /is not of an earlier run/,
    });
    t.is(readFileSync(path.join(folder, name), 'utf8'), 'mine');
  });

test('adapt --output replaces an earlier run when that is asked for, and nothing else', async (t) => {
  const folder = path.join(root, String(count++));
  const { candidate, frames } = await openWorkFolder(folder);
  for (const file of [path.join(candidate, 'manifest.json'), path.join(frames, 'store.json')]) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '{}');
  }
  for (const name of ['log.csv', 'result.json', 'contenders.json'])
    writeFileSync(path.join(folder, name), '');
  const before = readdirSync(folder).sort();
  await t.throwsAsync(openWorkFolder(folder), {
    name: 'TrainingError',
    message: /holds an earlier run of `adapt`.*`--overwrite`/,
  });
  t.deepEqual(readdirSync(folder).sort(), before);

  writeFileSync(path.join(folder, 'notes.txt'), 'mine');
  await t.throwsAsync(openWorkFolder(folder, { overwrite: true }), { message: /`notes.txt` in it is not/ });
  t.deepEqual(readdirSync(folder).sort(), [...before, 'notes.txt'].sort());

  await rm(path.join(folder, 'notes.txt'));
  await openWorkFolder(folder, { overwrite: true });
  t.deepEqual(readdirSync(folder), ['adaptation.json']);
});

test('adapt --overwrite takes the earlier run away at once, through a link too, and what a kill left aside', async (t) => {
  const parent = path.join(root, String(count++));
  const [folder, aside] = [path.join(parent, 'run'), path.join(parent, '.run.replaced')];
  await openWorkFolder(folder);
  writeFileSync(path.join(folder, 'log.csv'), 'old');
  const inode = statSync(folder).ino;
  symlinkSync(folder, path.join(parent, 'link'));
  await openWorkFolder(path.join(parent, 'link'), { overwrite: true });
  t.deepEqual(readdirSync(folder), ['adaptation.json']);
  t.not(statSync(folder).ino, inode, 'another folder is in its place');
  t.deepEqual(readdirSync(parent).sort(), ['link', 'run']);

  // Killed between the two: the earlier run lies aside, whole, with what its teachers said.
  mkdirSync(path.join(folder, 'teachers'));
  renameSync(folder, aside);
  await openWorkFolder(folder);
  await openWorkFolder(folder, { overwrite: true });
  t.deepEqual(readdirSync(folder), ['adaptation.json', 'teachers']);
  t.deepEqual(readdirSync(parent).sort(), ['link', 'run']);

  // Somebody's folder of that name is no run's: it stays, and entries go one by one.
  mkdirSync(aside);
  writeFileSync(path.join(aside, 'notes.txt'), 'mine');
  writeFileSync(path.join(folder, 'log.csv'), 'old');
  await openWorkFolder(folder, { overwrite: true });
  t.deepEqual(readdirSync(folder), ['adaptation.json', 'teachers']);
  t.deepEqual(readdirSync(aside), ['notes.txt']);
});

test('a folder whose files are only called as those of a run is not one', async (t) => {
  const folder = folderOf('adaptation.json', 'candidate/thesis.txt', 'log.csv', 'panels/holiday.png');
  await t.throwsAsync(openWorkFolder(folder, { overwrite: true }), { message: /is left alone/ });
  t.is(readFileSync(path.join(folder, 'candidate/thesis.txt'), 'utf8'), 'mine');
});

test("a store of samples is not made over somebody's files", (t) => {
  const description = { source: 'test', seed: 1, width: 2, height: 2, count: 1 };
  for (const name of ['samples.bin', 'complete.bin']) {
    const folder = folderOf(name);
    t.throws(() => SampleStore.open(folder, description), {
      name: 'TrainingError',
      message: /no `store\.json`/,
    });
    t.deepEqual(readdirSync(folder), [name]);
    t.is(readFileSync(path.join(folder, name), 'utf8'), 'mine');
  }
});

test('a report takes the place of an earlier report only', async (t) => {
  const folder = folderOf('data.json', 'notes.txt');
  writeFileSync(path.join(folder, 'package.json'), '{"name":"mine"}');
  symlinkSync('data.json', path.join(folder, 'link.json'));
  mkdirSync(path.join(folder, 'sub'));
  const report = { output: 'out', truth: 'bag', options: {} };
  for (const name of ['data.json', 'notes.txt', 'package.json', 'link.json', 'sub']) {
    await t.throwsAsync(writeReport(path.join(folder, name), report, true), {
      name: 'TrainingError',
      message: /is not an earlier report/,
    });
  }
  const file = path.join(folder, 'report.json');
  await writeReport(file, report, false);
  const again = { ...report, output: 'again' };
  await t.throwsAsync(writeReport(file, again, false), { message: /earlier report.*`--overwrite`/ });
  t.is(JSON.parse(readFileSync(file, 'utf8')).output, 'out');
  await writeReport(file, again, true);
  t.is(JSON.parse(readFileSync(file, 'utf8')).output, 'again');
  t.is(readFileSync(path.join(folder, 'data.json'), 'utf8'), 'mine');
});

test('panels are written among pictures of this project only, and when that is asked for', async (t) => {
  const folder = folderOf('notes.txt', '000010.png');
  await t.throwsAsync(makePictureFolder(folder, false), {
    name: 'MessageError',
    message: /000010\.png.*--overwrite/,
  });
  await t.throwsAsync(makePictureFolder(folder, true), {
    message: /`000010\.png` in it is no picture of rxdepth/,
  });
  await t.throwsAsync(writePng(path.join(folder, '000010.png'), rgbPicture(1, 1)), {
    name: 'MessageError',
    message: /no picture of rxdepth, and is left alone/,
  });
  t.is(readFileSync(path.join(folder, '000010.png'), 'utf8'), 'mine');

  const own = folderOf('notes.txt', 'a.jpg');
  await makePictureFolder(own, false);
  await writePng(path.join(own, 'any name.png'), rgbPicture(1, 1));
  await t.throwsAsync(makePictureFolder(own, false), { message: /any name\.png/ });
  await makePictureFolder(own, true);
  await writePng(path.join(own, 'any name.png'), rgbPicture(2, 1));
  t.is((await sharp(path.join(own, 'any name.png')).metadata()).width, 2);
  symlinkSync('notes.txt', path.join(own, 'link.png'));
  await t.throwsAsync(writePng(path.join(own, 'link.png'), rgbPicture(1, 1)), { message: /is left alone/ });
});
