import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { makePictureFolder } from '../../msgs/picture/make-picture-folder.js';
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
  test(`adapt --out leaves a folder with ${name} alone`, async (t) => {
    const folder = folderOf(name, 'log.csv');
    await t.throwsAsync(openWorkFolder(folder), {
      name: 'TrainingError',
      message: /is not of an earlier run/,
    });
    t.is(readFileSync(path.join(folder, name), 'utf8'), 'mine');
  });

test('adapt --out goes on in the folder of an earlier run, without the frames that a killed one left', async (t) => {
  const folder = folderOf(
    'log.csv',
    'result.json',
    'candidate/manifest.json',
    'frames/store.json',
    'frames/samples.bin',
  );
  await openWorkFolder(folder);
  t.deepEqual(readdirSync(folder).sort(), ['candidate', 'log.csv', 'result.json']);
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
    await t.throwsAsync(writeReport(path.join(folder, name), report), {
      name: 'TrainingError',
      message: /is not an earlier report/,
    });
  }
  const file = path.join(folder, 'report.json');
  await writeReport(file, report);
  await writeReport(file, { ...report, output: 'again' });
  t.is(JSON.parse(readFileSync(file, 'utf8')).output, 'again');
  t.is(readFileSync(path.join(folder, 'data.json'), 'utf8'), 'mine');
});

test('panels are not written among pictures of the same names unless that is asked for', async (t) => {
  const folder = folderOf('000010.png', 'notes.txt');
  await t.throwsAsync(makePictureFolder(folder, false), {
    name: 'MessageError',
    message: /000010\.png.*--overwrite/,
  });
  await makePictureFolder(folder, true);
  await makePictureFolder(folderOf('notes.txt', 'a.png'), false);
  t.is(readFileSync(path.join(folder, '000010.png'), 'utf8'), 'mine');
});
