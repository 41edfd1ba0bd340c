import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { MessageError } from '../../../msgs/errors.js';
import { rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { writePng } from '../../../msgs/picture/write-png.js';

test('a written picture reads back byte for byte, and no partial file stays', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-png-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const bytes = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 37) % 256);
  const file = path.join(folder, 'deep', 'picture.png');
  await writePng(file, rgbPicture(5, 4, bytes));
  const { data, info } = await sharp(await readFile(file))
    .raw()
    .toBuffer({ resolveWithObject: true });
  t.deepEqual([info.width, info.height, info.channels], [5, 4, 3]);
  t.deepEqual(Uint8Array.from(data), bytes);
  t.deepEqual(await readdir(path.dirname(file)), ['picture.png']);
});

test('a picture that cannot be written is an error that names the file', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-png-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, 'file'), '');
  const target = path.join(folder, 'file', 'picture.png');
  const error = await t.throwsAsync(writePng(target, rgbPicture(1, 1)), { instanceOf: MessageError });
  t.true(error?.message.includes(target));
});
