import test from 'ava';
import { imageEncoding } from '../../../../msgs/image-encoding.js';
import { convertImage } from '../../../../nodes/perception/engine/convert-image.js';
import { decodeImage } from '../../../../nodes/perception/engine/decode-image.js';
import type { Pixels } from '../../../../nodes/perception/engine/pixels.js';

function converted(
  name: string,
  bytes: number[],
  size: [width: number, height: number],
  step: number,
  big = 0,
): Pixels {
  const encoding = imageEncoding(name);
  if (encoding === undefined) throw new Error(name);
  const [width, height] = size;
  return convertImage({ bytes: Uint8Array.from(bytes), width, height, step, is_bigendian: big }, encoding);
}

/** Whether two colours agree to within one step of rounding. */
const near = (got: ArrayLike<number>, wanted: readonly number[]) =>
  wanted.every((value, i) => Math.abs((got[i] ?? Number.NaN) - value) <= 1);

test('yuv422 in both byte orders: white, black, and the primaries of BT.601', (t) => {
  // Studio range: Y 16..235; red is (81, 90, 240), blue (41, 240, 110).
  const white = converted('uyvy', [128, 235, 128, 16], [2, 1], 4);
  t.true(near(white.data, [255, 255, 255, 0, 0, 0]));
  t.true(near(converted('yuv422', [90, 81, 240, 81], [2, 1], 4).data, [255, 0, 0, 255, 0, 0]));
  t.true(near(converted('yuyv', [41, 240, 41, 110], [2, 1], 4).data, [0, 0, 255, 0, 0, 255]));
  const padded = converted('yuyv', [235, 128, 235, 128, 9, 9, 16, 128, 16, 128, 9, 9], [2, 2], 6);
  t.true(near(padded.data, [255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0]), 'row padding is skipped');
});

test('a bayer image of one colour becomes that colour everywhere, for all four patterns', (t) => {
  const color = { r: 200, g: 100, b: 50 };
  for (const pattern of ['rggb', 'bggr', 'gbrg', 'grbg'] as const) {
    const bytes = Array.from({ length: 36 }, (_, i) => {
      const [row, column] = [Math.floor(i / 6), i % 6];
      return color[pattern[(row % 2) * 2 + (column % 2)] as 'r' | 'g' | 'b'];
    });
    const { data } = converted(`bayer_${pattern}8`, bytes, [6, 6], 6);
    for (let i = 0; i < 36; i++)
      t.deepEqual([...data.subarray(i * 3, i * 3 + 3)], [200, 100, 50], `${pattern} ${i}`);
  }
});

test('16-bit grey keeps its high byte, in either byte order', (t) => {
  t.deepEqual([...converted('mono16', [1, 200, 2, 7], [2, 1], 4).data], [200, 7]);
  t.deepEqual([...converted('mono16', [200, 1, 7, 2], [2, 1], 4, 1).data], [200, 7]);
});

test('encodings that the graph reads are passed on without a copy', async (t) => {
  const bytes = new Uint8Array(26);
  const pixels = await decodeImage({
    kind: 'raw',
    bytes,
    width: 4,
    height: 2,
    step: 13,
    encoding: 'bgr8',
    is_bigendian: 0,
  });
  t.is(pixels.data.buffer, bytes.buffer);
  t.deepEqual([pixels.step, pixels.bytesPerPixel, pixels.channelOrder], [13, 3, [2, 1, 0]]);
});
