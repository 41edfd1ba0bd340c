import test from 'ava';
import { ImageConverter } from '../../models/image-converter.js';
import { opencvRgb } from '../training/perception-graph/opencv-rgb.js';

const converter = new ImageConverter(1);
test.after.always(() => converter.release());

type Size = readonly [width: number, height: number];

/** Values of Y, U and V that repeat after long only. */
const luma = (row: number, column: number) => (row * 89 + column * 37 + 5) % 256;
const chroma = (row: number, column: number, plane: 'u' | 'v') =>
  (row * 53 + column * 71 + (plane === 'u' ? 11 : 130)) % 256;

/** Pixel by pixel as OpenCV's integers have it, the colour of a block shared by its pixels. */
function expected([width, height]: Size, shared: number): number[] {
  return Array.from({ length: width * height }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    const [r, c] = [Math.floor(row / shared), Math.floor(column / shared)];
    return opencvRgb(luma(row, column), chroma(r, c, 'u'), chroma(r, c, 'v'));
  }).flat();
}

/** Rows of a plane, each `stride` bytes long; 99 is what pads them. */
function plane(rows: number, columns: number, stride: number, value: (r: number, c: number) => number) {
  return Array.from({ length: rows * stride }, (_, i) => {
    const [row, column] = [Math.floor(i / stride), i % stride];
    return column < columns ? value(row, column) : 99;
  });
}

/** The image's bytes: planes whose rows are as long as `step` asks for. */
function bytesOf(encoding: string, [width, height]: Size, step: number): Uint8Array {
  const shared = encoding === 'nv24' ? 1 : 2;
  const [rows, columns] = [Math.ceil(height / shared), Math.ceil(width / shared)];
  const bright = plane(height, width, step, luma);
  if (encoding === 'i420') {
    const stride = Math.max(columns, Math.ceil(step / 2));
    return Uint8Array.from([
      ...bright,
      ...plane(rows, columns, stride, (r, c) => chroma(r, c, 'u')),
      ...plane(rows, columns, stride, (r, c) => chroma(r, c, 'v')),
    ]);
  }
  const order = encoding === 'nv21' ? (['v', 'u'] as const) : (['u', 'v'] as const);
  const stride = Math.max(2 * columns, (2 * step) / shared);
  const pair = (r: number, c: number) => chroma(r, c >> 1, order[c & 1] ?? 'u');
  return Uint8Array.from([...bright, ...plane(rows, 2 * columns, stride, pair)]);
}

function differences(got: Uint8Array, wanted: readonly number[]): { most: number; count: number } {
  const all = wanted.map((value, i) => Math.abs(value - (got[i] ?? 999)));
  return { most: Math.max(...all), count: all.filter((value) => value > 0).length };
}

for (const encoding of ['nv12', 'nv21', 'nv24', 'i420']) {
  test(`${encoding} is converted as OpenCV does: even and odd sizes, padded rows`, async (t) => {
    for (const size of [
      [64, 48],
      [63, 47],
      [7, 3],
      [2, 2],
      [1, 1],
      [1, 4],
    ] as const) {
      for (const padding of [0, 6]) {
        const [width, height] = size;
        const step = width + padding;
        const image = { width, height, step, encoding, is_bigendian: 0 };
        const { data } = await converter.convert({ ...image, bytes: bytesOf(encoding, size, step) });
        const { most, count } = differences(data, expected(size, encoding === 'nv24' ? 1 : 2));
        t.true(
          most <= 1 && count <= data.length * 1e-3,
          `${width} x ${height} + ${padding}: ${most}, ${count}`,
        );
      }
    }
  });
}

test('a driver that counts all planes in `step` sends planes without padding', async (t) => {
  for (const [encoding, rowBytes] of [
    ['nv12', 96],
    ['i420', 96],
    ['nv24', 192],
  ] as const) {
    const image = { width: 64, height: 48, step: rowBytes, encoding, is_bigendian: 0 };
    const { data } = await converter.convert({ ...image, bytes: bytesOf(encoding, [64, 48], 64) });
    t.true(differences(data, expected([64, 48], encoding === 'nv24' ? 1 : 2)).most <= 1, encoding);
  }
});

test('data without the colours are an error with the bytes that were expected', async (t) => {
  const image = { width: 64, height: 48, step: 64, encoding: 'nv12', is_bigendian: 0 };
  await t.throwsAsync(converter.convert({ ...image, bytes: new Uint8Array(64 * 48) }), {
    name: 'MessageError',
    message: /`data` of 4608 bytes \(nv12: .* 24 rows of 64\), got 3072/,
  });
});

test('names of encodings are known in any case', async (t) => {
  const image = { width: 2, height: 2, step: 2, encoding: 'NV12', is_bigendian: 0 };
  const { data } = await converter.convert({ ...image, bytes: Uint8Array.of(235, 235, 16, 16, 128, 128) });
  t.deepEqual([...data], [255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0]);
});
