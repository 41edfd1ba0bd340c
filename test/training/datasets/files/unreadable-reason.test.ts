import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { pictureSize } from '../../../../training/datasets/files/picture-size.js';
import { readGray8 } from '../../../../training/datasets/files/read-gray-png.js';
import { readPalettePng } from '../../../../training/datasets/files/read-palette-png.js';
import { readPicture } from '../../../../training/datasets/files/read-picture.js';
import { readPngChannel } from '../../../../training/datasets/files/read-png-channel.js';
import { TrainingError } from '../../../../training/errors.js';

const READERS: readonly ((file: string) => Promise<unknown>)[] = [
  pictureSize,
  readGray8,
  readPicture,
  (file) => readPngChannel(file),
  readPalettePng,
];

test('every reader of pictures says of an empty file that it is empty, by its path', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-unreadable-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const [nothing, text] = [path.join(folder, 'nothing.png'), path.join(folder, 'text.png')];
  await writeFile(nothing, '');
  await writeFile(text, 'not a picture');
  for (const read of READERS) {
    await t.throwsAsync(read(nothing), {
      instanceOf: TrainingError,
      message: /nothing\.png.*it is empty \(0 bytes\)/,
    });
    const other = await t.throwsAsync(read(text), { instanceOf: TrainingError, message: /text\.png/ });
    t.notRegex(other?.message ?? '', /empty/);
  }
});
