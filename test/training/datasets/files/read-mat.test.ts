import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { readMat } from '../../../../training/datasets/files/read-mat.js';
import { temporaryFolder } from '../samples.js';
import { write } from './write-gray-png.js';
import { matFile } from './write-mat.js';

const root = temporaryFolder();
test.after.always(() => rm(root, { recursive: true, force: true }));

const file = (name: string) => path.join(root, name);
const A = { name: 'abc', shape: [2, 2], values: [9, 8, 7, 6] };
const B = { name: 'a longer name', shape: [2, 3, 1], values: [1, 2, 3, 4, 5, 6.5] };

test('arrays are found by their name: plain, compressed, packed as bytes, with short and long names', async (t) => {
  await write(file('plain.mat'), matFile([A, B]));
  await write(file('packed.mat'), matFile([B, A], { compressed: true }));
  await write(file('bytes.mat'), matFile([A], { bytes: true }));
  for (const name of ['plain.mat', 'packed.mat']) {
    const { shape, values } = await readMat(file(name), 'a longer name');
    t.deepEqual(
      [shape, [...values]],
      [
        [2, 3, 1],
        [1, 2, 3, 4, 5, 6.5],
      ],
    );
    t.deepEqual([...(await readMat(file(name), 'abc')).values], A.values);
  }
  t.deepEqual([...(await readMat(file('bytes.mat'), 'abc')).values], A.values);
});

test('what cannot be read is named, with what is there instead', async (t) => {
  const refused = async (name: string, content: Uint8Array | string, message: RegExp) => {
    await write(file(name), content);
    await t.throwsAsync(readMat(file(name), 'depths'), { name: 'TrainingError', message });
  };
  const whole = matFile([B]);
  await refused(
    'other.mat',
    matFile([A, B]),
    /other\.mat: expected an array `depths`, found `abc`, `a longer name`/,
  );
  await refused(
    'text.mat',
    'nothing of the kind',
    /text\.mat: expected a little-endian MATLAB file of level 5/,
  );
  await refused(
    'new.mat',
    Buffer.concat([Buffer.from('MATLAB 7.3 MAT-file'), Buffer.alloc(200)]),
    /v7\.3 \(HDF5\)/,
  );
  await refused('hdf.mat', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /v7\.3 \(HDF5\)/);
  await refused(
    'cut.mat',
    whole.subarray(0, whole.length - 40),
    /cut\.mat is damaged: an element ends 40 bytes after/,
  );
  const packed = matFile([B], { compressed: true });
  packed.fill(0x55, 140, 150);
  await refused('rotten.mat', packed, /rotten\.mat is damaged/);
  const short = matFile([{ ...B, name: 'depths', shape: [7, 1] }]);
  await refused('short.mat', short, /`depths` has 6 numbers, expected 7x1/);
  await t.throwsAsync(readMat(file('none.mat'), 'x'), { message: /none\.mat cannot be read/ });
});
