import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { readPalettePng } from '../../../../training/datasets/files/read-palette-png.js';
import { readPngChannel } from '../../../../training/datasets/files/read-png-channel.js';
import { TrainingError } from '../../../../training/errors.js';
import { palettePng } from './write-palette-png.js';

const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-palette-'));
test.after.always(() => rm(folder, { recursive: true }));
const file = (name: string) => path.join(folder, name);

for (const bits of [1, 2, 4, 8] as const) {
  test(`numbers of ${bits} bits come back whatever colours and filters the file has`, async (t) => {
    const [width, height] = [13, 10];
    const values = Uint8Array.from({ length: width * height }, (_, i) => (i * i + 3 * i) % 2 ** bits);
    const png = palettePng(values, width, bits, (row) => row % 5);
    await writeFile(file(`${bits}.png`), png);
    const read = await readPalettePng(file(`${bits}.png`));
    t.deepEqual([read.width, read.height], [width, height]);
    t.deepEqual(read.values, values);
    // Another decoder agrees about the picture: its colours are those of the palette.
    const { data } = await sharp(png)
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    t.true(values.every((value, i) => data[3 * i] === (value * 7) % 256));
  });
}

test('grey pictures of 8 bits are numbers too; others, damaged ones and what is no png are refused', async (t) => {
  const gray = sharp(
    Uint8Array.from({ length: 12 }, (_, i) => i),
    { raw: { width: 4, height: 3, channels: 1 } },
  );
  await writeFile(file('gray.png'), await gray.toColourspace('b-w').png().toBuffer());
  t.deepEqual([...(await readPalettePng(file('gray.png'))).values], [...Array(12).keys()]);
  const color = sharp({ create: { width: 4, height: 3, channels: 3, background: 'red' } });
  await writeFile(file('color.png'), await color.png().toBuffer());
  const png = palettePng(new Uint8Array(12), 4, 8, () => 0);
  await writeFile(file('cut.png'), png.subarray(0, png.length - 20));
  await writeFile(file('text.png'), 'no picture');
  const refused = (name: string, message: RegExp) =>
    t.throwsAsync(readPalettePng(file(name)), { instanceOf: TrainingError, message });
  await refused('color.png', /color\.png cannot be read: expected a png with a `palette`.*colour type 2/);
  await refused('cut.png', /cut\.png cannot be read: /);
  await refused('text.png', /text\.png cannot be read: expected a `png`/);
  await refused('none.png', /none\.png cannot be read: ENOENT/);
  await t.throwsAsync(readPngChannel(file('4.png')), { instanceOf: TrainingError, message: /palette/ });
});
