import test from 'ava';
import sharp from 'sharp';
import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { type Image, imageCodec } from '../../../msgs/image.js';
import { compressImage, type ImageCompression } from '../../../msgs/picture/compress-image.js';
import { quantizedInverseDepth } from '../../../msgs/picture/compressed-depth.js';
import { greyPng } from './grey-png.js';

const HEADER = { stamp: { sec: 12, nanosec: 34 }, frame_id: 'camera' };

function image(encoding: string, width: number, height: number, data: Uint8Array): Uint8Array {
  const message: Image = {
    header: HEADER,
    width,
    height,
    encoding,
    is_bigendian: 0,
    step: data.length / height,
    data,
  };
  return imageCodec.encode(message);
}

async function compressed(cdr: Uint8Array, compression: ImageCompression) {
  return compressedImageCodec.decode(await compressImage(cdr, compression));
}

const bytesOf = (numbers: Float32Array | Uint16Array) => new Uint8Array(numbers.buffer);

// A = 100 * 101 = 10100, B = 1 - A / 100 = -100.
const DEPTHS: readonly (readonly [meters: number, number: number])[] = [
  [1, 10_000],
  [0.5, 20_100],
  [5, 1920],
  [3, 3266], // 10100 / 3 - 100 = 3266.67
  [99, 2], // 2.02
  [100, 0],
  [250, 0],
  [0.1, 65_535], // 100900 does not fit
  [0, 0],
  [-2, 0],
  [Number.NaN, 0],
  [Number.POSITIVE_INFINITY, 0],
];

test('inverse depths are quantised as computed by hand', (t) => {
  const depths = Float32Array.from(DEPTHS, ([meters]) => meters);
  t.deepEqual(
    [...quantizedInverseDepth(depths)],
    DEPTHS.map(([, number]) => number),
  );
});

test('depth in metres is the header of image_transport and a PNG of 16 bits, from which depth comes back', async (t) => {
  const [width, height] = [4, 3];
  const depths = Float32Array.from(DEPTHS, ([meters]) => meters);
  const {
    header: kept,
    format,
    data,
  } = await compressed(image('32FC1', width, height, bytesOf(depths)), 'depth');
  t.deepEqual(kept, HEADER);
  t.is(format, '32FC1; compressedDepth png');
  const header = new DataView(data.buffer, data.byteOffset);
  const [a, b] = [header.getFloat32(4, true), header.getFloat32(8, true)];
  t.deepEqual([header.getInt32(0, true), a, b], [0, 10_100, -100]);
  const png = greyPng(data.subarray(12));
  t.like(png, { width, height, bits: 16 });
  t.deepEqual(
    png.numbers,
    DEPTHS.map(([, number]) => number),
  );
  // As codec.cpp decodes it: a number is cut by less than 1, which is d^2 / A in metres.
  for (const [index, number] of png.numbers.entries()) {
    const meters = DEPTHS[index]?.[0] ?? Number.NaN;
    if (number === 0 || number === 65_535) continue;
    const decoded = a / (number - b);
    t.true(
      decoded >= meters - 1e-4 && decoded - meters <= (decoded * meters) / a + 1e-4,
      `${meters}: ${decoded}`,
    );
  }
});

test('depth in millimetres is its own numbers, all of them', async (t) => {
  const millimeters = Uint16Array.from(
    { length: 256 * 4 },
    (_, index) => (index * 64 + (index % 7)) & 0xffff,
  );
  const { format, data } = await compressed(image('16UC1', 256, 4, bytesOf(millimeters)), 'depth');
  t.is(format, '16UC1; compressedDepth png');
  t.deepEqual(greyPng(data.subarray(12)).numbers, [...millimeters]);
});

test('labels and masks are PNG without loss', async (t) => {
  const labels = Uint8Array.from({ length: 256 }, (_, index) => index);
  const { format, data } = await compressed(image('mono8', 32, 8, labels), 'png');
  t.is(format, 'mono8; png compressed ');
  const png = greyPng(data);
  t.like(png, { width: 32, height: 8, bits: 8 });
  t.deepEqual(png.numbers, [...labels]);
});

test('colours are jpeg, near the colours themselves', async (t) => {
  const rgb = Uint8Array.from({ length: 32 * 16 * 3 }, (_, index) => [128, 64, 128][index % 3] ?? 0);
  const { format, data } = await compressed(image('rgb8', 32, 16, rgb), 'jpeg');
  t.is(format, 'rgb8; jpeg compressed bgr8');
  t.deepEqual([...data.subarray(0, 2)], [0xff, 0xd8]);
  const decoded = await sharp(data).raw().toBuffer();
  t.true(decoded.every((value, index) => Math.abs(value - (rgb[index] ?? 0)) <= 3));
});

test('what such a topic cannot carry is refused with what it can', async (t) => {
  const grey = image('mono8', 2, 2, new Uint8Array(4));
  await t.throwsAsync(compressImage(grey, 'depth'), { message: /expected `32FC1` or `16UC1`.*mono8/ });
  await t.throwsAsync(compressImage(grey, 'jpeg'), { message: /expected `rgb8` without padding, got mono8/ });
});
