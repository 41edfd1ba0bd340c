import test from 'ava';
import { compressedImageCodec } from '../../../../msgs/compressed-image.js';
import { imageCodec } from '../../../../msgs/image.js';
import { encodeColorCloud } from '../../../../msgs/point-cloud.js';
import { pointCloud2Codec } from '../../../../msgs/point-cloud2.js';
import { NO_POINT } from '../../../../nodes/viewer/page-protocol.js';
import { bytePreview } from '../../../../nodes/viewer/preview/byte-preview.js';
import { cameraPreview } from '../../../../nodes/viewer/preview/camera-preview.js';
import { cloudPreview } from '../../../../nodes/viewer/preview/cloud-preview.js';
import { depthPreview } from '../../../../nodes/viewer/preview/depth-preview.js';
import { halfTable, toHalf } from '../../../../nodes/viewer/preview/half-float.js';

const header = { stamp: { sec: 1, nanosec: 2 }, frame_id: 'camera' };
const image = (
  width: number,
  height: number,
  encoding: string,
  data: Uint8Array,
  step = data.length / height,
) => imageCodec.encode({ header, width, height, encoding, is_bigendian: 0, step, data });

test('half floats are those of IEEE 754', (t) => {
  // Patterns from the standard's own examples.
  for (const [value, bits] of [
    ...([
      [0, 0x0000],
      [1, 0x3c00],
      [-2, 0xc000],
      [65504, 0x7bff],
      [2 ** -14, 0x0400],
      [1 / 3, 0x3555],
    ] as const),
    ...([
      [Number.POSITIVE_INFINITY, 0x7c00],
      [Number.NEGATIVE_INFINITY, 0xfc00],
      [Number.NaN, 0x7e00],
    ] as const),
    ...([
      [1e9, 0x7bff],
      [65519, 0x7bff],
      [1e-9, 0x0000],
      [2047.9999, 0x6800],
    ] as const),
  ] as const)
    t.is(toHalf(value), bits, String(value));
  const table = halfTable();
  t.is(table[0x3555], 0.333251953125);
  t.is(table[0x0001], 2 ** -24);
  for (let bits = 0x0400; bits <= 0x7bff; bits += 7) t.is(toHalf(table[bits] ?? 0), bits);
});

test('every depth of a preview is that of its pixel, within a thousandth', (t) => {
  const [width, height] = [1300, 9];
  const depths = new Float32Array(width * height).map((_, i) => 1 + (i % 977) * 0.1);
  depths[0] = Number.NaN;
  depths[3] = Number.POSITIVE_INFINITY;
  const { head, payload } = depthPreview(image(width, height, '32FC1', new Uint8Array(depths.buffer)));
  // No wider than 640: every third pixel of every third row.
  t.like(head, { format: 'half', width: 434, height: 3 });
  const halves = new Uint16Array(payload.buffer, payload.byteOffset, payload.byteLength / 2);
  const table = halfTable();
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 434; column++) {
      const expected = depths[row * 3 * width + column * 3] ?? 0;
      const shown = table[halves[row * 434 + column] ?? 0] ?? 0;
      if (Number.isNaN(expected)) t.true(Number.isNaN(shown));
      else if (expected === Number.POSITIVE_INFINITY) t.is(shown, expected);
      else if (Math.abs(shown / expected - 1) > 0.001) t.fail(`${shown} for ${expected}`);
    }
  }
});

test('millimetres become metres, zero becomes no depth; other images are refused with their encoding', (t) => {
  const millimetres = Uint16Array.of(0, 1500, 65535);
  const { payload } = depthPreview(image(3, 1, '16UC1', new Uint8Array(millimetres.buffer)));
  const [none, near, far] = [...new Uint16Array(payload.buffer)].map((bits) => halfTable()[bits] ?? 0);
  t.true(Number.isNaN(none));
  t.is(near, 1.5);
  t.true(Math.abs((far ?? 0) - 65.535) < 0.04);
  t.throws(() => depthPreview(image(1, 1, 'rgb8', new Uint8Array(3))), {
    name: 'MessageError',
    message: /rgb8/,
  });
  t.throws(() => depthPreview(image(9, 9, '32FC1', new Uint8Array(36), 36)), {
    name: 'MessageError',
    message: /too few/,
  });
});

test('classes and masks are never mixed between pixels', (t) => {
  const data = Uint8Array.from({ length: 1284 * 6 }, (_, i) => (i % 2 === 0 ? 11 : 13));
  const { head, payload } = bytePreview(image(1280, 6, 'mono8', data, 1284));
  t.like(head, { width: 640, height: 3 });
  t.true(payload.every((value) => value === 11));
  t.throws(() => bytePreview(image(9, 9, 'mono8', new Uint8Array(9), 9)), { message: /too few/ });
});

test('a cloud keeps places to the centimetre, colours and classes, and what is no point', (t) => {
  const points = Float32Array.of(
    1.234,
    -2,
    30.006,
    Number.NaN,
    Number.NaN,
    Number.NaN,
    0,
    0,
    400,
    -1000,
    0.004,
    5,
  );
  const labels = Uint8Array.of(13, 0, 255, 7);
  const camera = Uint8Array.of(10, 20, 30, 1, 2, 3, 4, 5, 6, 250, 251, 252);
  const cdr = encodeColorCloud(header, {
    ...{ points, labels, stride: 1 },
    image: { data: camera, height: 2, width: 2, step: 6, bytesPerPixel: 3, channelOrder: [0, 1, 2] },
  });
  const { head, payload } = cloudPreview(cdr);
  t.like(head, { format: 'cloud', width: 2, height: 2, organised: true, hasColours: true });
  const xyz = [...new Int16Array(payload.buffer, 0, 12)];
  t.deepEqual(xyz.slice(0, 3), [123, -200, 3000]);
  t.is(xyz[3], NO_POINT, 'NaN');
  t.is(xyz[6], NO_POINT, 'farther than the unit reaches');
  t.deepEqual(xyz.slice(9), [-32767, 0, 500]);
  t.deepEqual([...payload.subarray(24, 28)], [10, 20, 30, 13]);
  t.deepEqual([...payload.subarray(36)], [250, 251, 252, 7]);
});

test('clouds that are damaged are refused, empty ones are empty', (t) => {
  const empty = {
    header,
    height: 1,
    width: 0,
    fields: [],
    is_bigendian: false,
    point_step: 0,
    row_step: 0,
    data: new Uint8Array(0),
    is_dense: true,
  };
  t.is(cloudPreview(pointCloud2Codec.encode(empty)).payload.length, 0);
  t.throws(() => cloudPreview(pointCloud2Codec.encode({ ...empty, width: 5 })), { message: /x, y and z/ });
  const fields = ['x', 'y', 'z'].map((name, index) => ({ name, offset: index * 4, datatype: 7, count: 1 }));
  const short = { ...empty, fields, width: 5, point_step: 12, row_step: 60, data: new Uint8Array(24) };
  t.throws(() => cloudPreview(pointCloud2Codec.encode(short)), { name: 'MessageError', message: /too few/ });
});

test("a camera's picture goes as it came where the page can decode it, else as every n-th pixel, else elsewhere", (t) => {
  // The head of a png of 4 x 2 pixels with 8 bits: nothing more is looked at.
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000040000000208020000000000000000', 'hex');
  const compressed = (data: Uint8Array) => compressedImageCodec.encode({ header, format: 'png', data });
  const asCame = cameraPreview(compressedImageCodec.type, compressed(png));
  t.like(asCame?.head, { format: 'png', width: 4, height: 2 });
  t.deepEqual(asCame?.payload, new Uint8Array(png));
  const bomb = Buffer.from(png);
  bomb.writeUInt32BE(16383, 16);
  bomb.writeUInt32BE(16383, 20);
  t.is(cameraPreview(compressedImageCodec.type, compressed(bomb)), undefined, 'too large for a browser');

  const bgr = cameraPreview(imageCodec.type, image(2, 1, 'bgr8', Uint8Array.of(1, 2, 3, 4, 5, 6, 0, 0), 8));
  t.deepEqual([...(bgr?.payload ?? [])], [3, 2, 1, 6, 5, 4]);
  const grey = cameraPreview(imageCodec.type, image(2, 1, 'mono8', Uint8Array.of(7, 8)));
  t.deepEqual([...(grey?.payload ?? [])], [7, 7, 7, 8, 8, 8]);
  t.is(cameraPreview(imageCodec.type, image(2, 2, 'bayer_rggb8', new Uint8Array(4))), undefined);
  t.is(cameraPreview(imageCodec.type, image(9, 9, 'rgb8', new Uint8Array(9), 27)), undefined);
});
