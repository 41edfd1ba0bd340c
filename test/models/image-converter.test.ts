import test from 'ava';
import sharp from 'sharp';
import { decodeImage } from '../../models/decode-image.js';
import { ImageConverter } from '../../models/image-converter.js';
import { imageEncoding, SUPPORTED_ENCODINGS } from '../../msgs/image-encoding.js';
import type { Pixels } from '../../msgs/picture/pixels.js';

const converter = new ImageConverter(1);
test.after.always(() => converter.release());

function converted(
  encoding: string,
  bytes: number[],
  [width, height]: readonly [width: number, height: number],
  step: number,
  is_bigendian = 0,
): Promise<Pixels> {
  return converter.convert({
    bytes: Uint8Array.from(bytes),
    ...{ width, height, step, encoding, is_bigendian },
  });
}

/** Whether two colours agree to within one step of rounding. */
const near = (got: ArrayLike<number>, wanted: readonly number[]) =>
  wanted.every((value, i) => Math.abs((got[i] ?? Number.NaN) - value) <= 1);

test('yuv422 in both byte orders: white, black, and the primaries of BT.601', async (t) => {
  // Studio range: Y 16..235; red is (81, 90, 240), blue (41, 240, 110).
  const white = await converted('uyvy', [128, 235, 128, 16], [2, 1], 4);
  t.true(near(white.data, [255, 255, 255, 0, 0, 0]));
  t.true(near((await converted('yuv422', [90, 81, 240, 81], [2, 1], 4)).data, [255, 0, 0, 255, 0, 0]));
  t.true(near((await converted('yuyv', [41, 240, 41, 110], [2, 1], 4)).data, [0, 0, 255, 0, 0, 255]));
  const padded = await converted('yuyv', [235, 128, 235, 128, 9, 9, 16, 128, 16, 128, 9, 9], [2, 2], 6);
  t.true(near(padded.data, [255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0]), 'row padding is skipped');
});

test('a bayer image of one colour becomes that colour everywhere, for all four patterns', async (t) => {
  const color = { r: 200, g: 100, b: 50 };
  for (const pattern of ['rggb', 'bggr', 'gbrg', 'grbg'] as const) {
    const bytes = Array.from({ length: 36 }, (_, i) => {
      const [row, column] = [Math.floor(i / 6), i % 6];
      return color[pattern[(row % 2) * 2 + (column % 2)] as 'r' | 'g' | 'b'];
    });
    const { data } = await converted(`bayer_${pattern}8`, bytes, [6, 6], 6);
    for (let i = 0; i < 36; i++)
      t.deepEqual([...data.subarray(i * 3, i * 3 + 3)], [200, 100, 50], `${pattern} ${i}`);
  }
});

test('a mosaic that image_transport compressed is no grey picture; one that it made grey is', async (t) => {
  // Red 200, green 100, blue 50, as of the raw image above.
  const mosaic = Uint8Array.from({ length: 64 }, (_, i) => {
    const [row, column] = [Math.floor(i / 8), i % 8];
    return row % 2 === 0 ? (column % 2 === 0 ? 200 : 100) : column % 2 === 0 ? 100 : 50;
  });
  const bytes = await sharp(mosaic, { raw: { width: 8, height: 8, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
  const colour = async (format: string) => {
    const { pixels } = await decodeImage({ kind: 'compressed', bytes, format }, converter);
    return { channels: pixels.bytesPerPixel, first: [...pixels.data.subarray(0, pixels.bytesPerPixel)] };
  };
  for (const format of ['bayer_rggb8; png compressed ', 'bayer_rggb8; png compressed bayer_rggb8'])
    t.deepEqual(await colour(format), { channels: 3, first: [200, 100, 50] }, format);
  const flat = { raw: { width: 8, height: 8, channels: 1 } } as const;
  const photo = await sharp(new Uint8Array(64).fill(120), flat).toColourspace('b-w').jpeg().toBuffer();
  const format = 'bayer_rggb8; jpeg compressed ';
  const { pixels } = await decodeImage({ kind: 'compressed', bytes: photo, format }, converter);
  t.is(pixels.bytesPerPixel, 3, 'jpeg, too');
  for (const format of ['bayer_rggb8; png compressed mono8', 'mono8; png compressed ', 'png'])
    t.deepEqual(await colour(format), { channels: 1, first: [200] }, format);
});

test('16 bits are scaled to 8, in either byte order; alpha is dropped', async (t) => {
  const grey = [199, 199, 199, 7, 7, 7]; // (1 + 256 * 200) / 257 = 199.2, (2 + 256 * 7) / 257 = 7.0
  t.deepEqual([...(await converted('mono16', [1, 200, 2, 7], [2, 1], 4)).data], grey);
  t.deepEqual([...(await converted('mono16', [200, 1, 7, 2], [2, 1], 4, 1)).data], grey);
  // 257 n is n of 255: red 10, green 20, blue 30.
  const bgra = [30, 30, 20, 20, 10, 10, 99, 99];
  for (const encoding of ['bgra16', '16UC4']) {
    t.deepEqual([...(await converted(encoding, bgra, [1, 1], 8)).data], [10, 20, 30], encoding);
  }
  t.deepEqual([...(await converted('rgb16', bgra.slice(0, 6), [1, 1], 6)).data], [30, 20, 10]);
});

test('every encoding that has no plain channel order but a colour is converted', async (t) => {
  for (const name of SUPPORTED_ENCODINGS) {
    const encoding = imageEncoding(name);
    if (encoding === undefined || encoding.channelOrder !== undefined || name === '32FC1') continue;
    const step = 4 * encoding.bytesPerPixel;
    // Enough for the colours of any layout.
    const pixels = await converted(name, new Array(step * 6).fill(128), [4, 2], step);
    t.is(pixels.data.length, 4 * 2 * 3, name);
    converter.reuse(pixels);
  }
  await t.throwsAsync(converted('32FC1', [0, 0, 0, 0], [1, 1], 4), { message: /"32FC1" cannot be read/ });
});

test('an image that the conversion refuses is an error with its encoding and sizes, and the next one works', async (t) => {
  await t.throwsAsync(converted('bayer_rggb8', [1, 2, 3], [3, 1], 3), {
    name: 'ModelError',
    message: /"bayer_rggb8", 3 x 1 pixels, `step` 3\) cannot be converted to RGB: /,
  });
  t.deepEqual([...(await converted('bayer_rggb8', [9, 9, 9, 9], [2, 2], 2)).data], new Array(12).fill(9));
});

test('memory that is given back is used for the next image, other memory never', async (t) => {
  const fresh = new ImageConverter(1);
  const image = { width: 2, height: 1, step: 4, encoding: 'mono16', is_bigendian: 0 } as const;
  const own = { ...(await fresh.convert({ ...image, bytes: Uint8Array.of(0, 1, 0, 2) })) };
  const copy = { ...own, data: own.data.slice() };
  fresh.reuse(copy);
  const second = await fresh.convert({ ...image, bytes: Uint8Array.of(0, 3, 0, 4) });
  t.not(second.data.buffer, own.data.buffer);
  t.not(second.data.buffer, copy.data.buffer);
  fresh.reuse(own);
  const third = await fresh.convert({ ...image, bytes: Uint8Array.of(0, 5, 0, 6) });
  t.is(third.data.buffer, own.data.buffer);
  t.deepEqual([...third.data], [5, 5, 5, 6, 6, 6]);
  await fresh.release();
});

test('encodings that the graph reads are passed on without a copy', async (t) => {
  const bytes = new Uint8Array(26);
  const size = { width: 4, height: 2, step: 13 };
  const image = { kind: 'raw', bytes, ...size, encoding: 'bgr8', is_bigendian: 0 } as const;
  const { pixels, warnings } = await decodeImage(image, converter);
  t.is(pixels.data.buffer, bytes.buffer);
  t.deepEqual(warnings, []);
  t.deepEqual([pixels.step, pixels.bytesPerPixel, pixels.channelOrder], [13, 3, [2, 1, 0]]);
});

test('a 16-bit image whose numbers use 12 bits is a warning that says what helps, and then it helps', async (t) => {
  const bytes = new Uint8Array(Uint16Array.from({ length: 8 }, (_, i) => i * 585).buffer); // to 4095
  const image = {
    kind: 'raw',
    bytes,
    width: 8,
    height: 1,
    step: 16,
    encoding: 'mono16',
    is_bigendian: 0,
  } as const;
  const dark = await decodeImage(image, converter);
  t.regex(dark.warnings.join(), /no value above 4095, so they come out dark: .*`--bit-depth 12`/);
  t.true(Math.max(...dark.pixels.data) <= 16);
  const lit = await decodeImage(image, converter, { bitDepth: 12 });
  t.deepEqual(lit.warnings, []);
  t.deepEqual(
    [...lit.pixels.data],
    Array.from({ length: 24 }, (_, i) => Math.round((Math.floor(i / 3) * 585 * 255) / 4095)),
  );
  const swapped = bytes.slice();
  for (let i = 0; i < swapped.length; i += 2) swapped.set([bytes[i + 1] ?? 0, bytes[i] ?? 0], i);
  const big = await decodeImage({ ...image, bytes: swapped, is_bigendian: 1 }, converter);
  t.deepEqual(big.warnings, dark.warnings);
  const full = await decodeImage({ ...image, bytes: swapped }, converter);
  t.deepEqual(full.warnings, [], 'the other order fills the range');
});
