import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { conversionGraph } from '../../../models/conversion-graph.js';
import { InferenceSession, Tensor } from '../../../models/onnxruntime.js';
import { packageRoot } from '../../../models/package-root.js';
import { conversionGraphs } from '../../../training/perception-graph/conversion-graphs.js';
import { opencvRgb } from './opencv-rgb.js';

const sessions = new Map<string, Promise<InferenceSession>>();

/** rgb8 of an image given by its bytes, with `rowPadding` bytes of something else after every row. */
async function convert(
  encoding: string,
  { bytes, height, width }: { bytes: Uint8Array; height: number; width: number },
  { rowPadding = 0, isBigEndian = false, fullScale = 65535 } = {},
): Promise<Uint8Array> {
  const graph = conversionGraph(encoding, isBigEndian);
  if (graph === undefined) throw new Error(`${encoding} has no graph`);
  const { file, scaled } = graph;
  const options = { intraOpNumThreads: 1, logSeverityLevel: 4 } as const;
  const session = await (sessions.get(file) ?? InferenceSession.create(file, options));
  sessions.set(file, Promise.resolve(session));
  const rowBytes = bytes.length / height;
  const step = rowBytes + rowPadding;
  const padded = new Uint8Array(step * height).fill(201);
  for (let row = 0; row < height; row++) {
    padded.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), row * step);
  }
  const { rgb } = await session.run({
    image: new Tensor('uint8', padded, [height, step]),
    width: new Tensor('int64', BigInt64Array.of(BigInt(width)), []),
    ...(scaled && { full_scale: new Tensor('float32', Float32Array.of(fullScale), []) }),
  });
  if (rgb === undefined || rgb.dims.join() !== [height, 3 * width].join())
    throw new Error(`size ${rgb?.dims}`);
  return rgb.data as Uint8Array; // uint8 by the graph's declaration
}

/** Bytes that repeat after long only. */
function noise(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

const YUV = {
  yuv422: { y: 1, u: 0, v: 2 },
  yuv422_yuy2: { y: 0, u: 1, v: 3 },
} as const;

for (const [encoding, at] of Object.entries(YUV)) {
  test(`${encoding} is converted as OpenCV does, rows with padding and odd widths too`, async (t) => {
    for (const [height, width] of [
      [300, 400],
      [3, 7],
      [1, 1],
      [1, 2],
    ] as const) {
      const pairs = Math.ceil(width / 2);
      const bytes = noise(height * pairs * 4, width);
      const rgb = await convert(encoding, { bytes, height, width }, { rowPadding: width % 5 });
      let differing = 0;
      let largest = 0;
      for (let i = 0; i < height * width; i++) {
        const [row, column] = [Math.floor(i / width), i % width];
        const pair = bytes.subarray((row * pairs + (column >> 1)) * 4);
        const expected = opencvRgb(pair[at.y + 2 * (column & 1)] ?? 0, pair[at.u] ?? 0, pair[at.v] ?? 0);
        for (const [channel, value] of expected.entries()) {
          const difference = Math.abs(value - (rgb[i * 3 + channel] ?? 0));
          differing += difference > 0 ? 1 : 0;
          largest = Math.max(largest, difference);
        }
      }
      t.true(
        largest <= 1 && differing <= height * width * 3 * 1e-4,
        `${width} x ${height}: ${differing}, ${largest}`,
      );
    }
  });
}

test('known colours: black, white, grey and the bars of BT.601 come out of yuv422', async (t) => {
  // y, u, v of 8-bit studio range after ITU-R BT.601, table 3; red, green and blue of 255.
  const known: [number[], number[]][] = [
    [
      [16, 128, 128],
      [0, 0, 0],
    ],
    [
      [235, 128, 128],
      [255, 255, 255],
    ],
    [
      [126, 128, 128],
      [128, 128, 128],
    ],
    [
      [81, 90, 240],
      [255, 0, 0],
    ],
    [
      [145, 54, 34],
      [0, 255, 0],
    ],
    [
      [41, 240, 110],
      [0, 0, 255],
    ],
  ];
  for (const [[y = 0, u = 0, v = 0], expected] of known) {
    const rgb = await convert('uyvy', { bytes: Uint8Array.of(u, y, v, y), height: 1, width: 2 });
    for (const [i, value] of [...expected, ...expected].entries())
      t.true(Math.abs((rgb[i] ?? 0) - value) <= 2, `${rgb}`);
  }
});

/** Colour of every pixel by its own rule: the mean of the nearest samples, the image mirrored at its borders. */
function demosaiced(bytes: Uint8Array, height: number, width: number, pattern: string): number[] {
  const mirror = (i: number, size: number) => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);
  const sample = (y: number, x: number) => bytes[mirror(y, height) * width + mirror(x, width)] ?? 0;
  const colorOf = (y: number, x: number) => pattern[(mirror(y, height) % 2) * 2 + (mirror(x, width) % 2)];
  const rgb: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const color of 'rgb') {
        const own = colorOf(y, x);
        const beside = [sample(y, x - 1), sample(y, x + 1)];
        const above = [sample(y - 1, x), sample(y + 1, x)];
        const corners = [-1, 1].flatMap((dy) => [sample(y + dy, x - 1), sample(y + dy, x + 1)]);
        let values: number[];
        if (own === color) values = [sample(y, x)];
        else if (color === 'g') values = [...beside, ...above];
        else if (own !== 'g') values = corners;
        else values = colorOf(y, x + 1) === color ? beside : above;
        rgb.push(Math.floor(values.reduce((a, b) => a + b) / values.length + 0.5));
      }
    }
  }
  return rgb;
}

for (const pattern of ['rggb', 'bggr', 'gbrg', 'grbg']) {
  test(`bayer_${pattern}8 is demosaiced bilinearly, odd sizes too`, async (t) => {
    for (const [height, width] of [
      [20, 30],
      [21, 33],
      [2, 2],
      [3, 2],
      [2, 3],
      [5, 64],
    ] as const) {
      const bytes = noise(height * width, 7);
      const rgb = await convert(`bayer_${pattern}8`, { bytes, height, width }, { rowPadding: height % 3 });
      t.deepEqual([...rgb], demosaiced(bytes, height, width, pattern), `${width} x ${height}`);
    }
  });
}

for (const pattern of ['rggb', 'bggr', 'gbrg', 'grbg']) {
  test(`bayer_${pattern}16 of 257 times the samples is bayer_${pattern}8, in both byte orders; so is 12 bits by its full scale`, async (t) => {
    for (const [height, width] of [
      [20, 30],
      [21, 33],
      [3, 2],
    ] as const) {
      const bytes = noise(height * width, 11);
      const expected = demosaiced(bytes, height, width, pattern);
      // 257 n has n in both of its bytes.
      const wide = Uint8Array.from({ length: bytes.length * 2 }, (_, i) => bytes[i >> 1] ?? 0);
      const name = `bayer_${pattern}16`;
      t.deepEqual([...(await convert(name, { bytes: wide, height, width }, { rowPadding: 4 }))], expected);
      t.deepEqual(
        [...(await convert(name, { bytes: wide, height, width }, { isBigEndian: true }))],
        expected,
      );
      const dark = Uint8Array.from({ length: bytes.length * 2 }, (_, i) => {
        const value = Math.round(((bytes[i >> 1] ?? 0) * 4095) / 255);
        return i % 2 === 0 ? value & 255 : value >> 8;
      });
      const lit = await convert(name, { bytes: dark, height, width }, { fullScale: 4095 });
      t.true(lit.every((value, i) => Math.abs(value - (expected[i] ?? 0)) <= 1));
    }
  });
}

test('the byte order of bayer images matters', async (t) => {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 0 : 200)); // 51200, or 200 when swapped
  const size = { bytes, height: 2, width: 4 };
  t.deepEqual([...(await convert('bayer_rggb16', size))], new Array(24).fill(199));
  t.deepEqual([...(await convert('bayer_rggb16', size, { isBigEndian: true }))], new Array(24).fill(1));
});

test('an evenly coloured surface keeps its colour up to the border of every bayer pattern', async (t) => {
  const color: Readonly<Record<string, number>> = { r: 200, g: 90, b: 30 };
  for (const pattern of ['rggb', 'bggr', 'gbrg', 'grbg']) {
    const bytes = Uint8Array.from({ length: 35 }, (_, i) => {
      const [y, x] = [Math.floor(i / 7), i % 7];
      return color[pattern[(y % 2) * 2 + (x % 2)] ?? ''] ?? 0;
    });
    const rgb = await convert(`bayer_${pattern}8`, { bytes, height: 5, width: 7 });
    t.deepEqual([...rgb], Array.from({ length: 35 }, () => [200, 90, 30]).flat(), pattern);
  }
});

const SIXTEEN = {
  mono16: [0, 0, 0],
  rgb16: [0, 1, 2],
  bgr16: [2, 1, 0],
  rgba16: [0, 1, 2],
  bgra16: [2, 1, 0],
} as const;

for (const [encoding, order] of Object.entries(SIXTEEN)) {
  test(`${encoding} is scaled from 65535 to 255 in both byte orders`, async (t) => {
    const channels = encoding === 'mono16' ? 1 : encoding.includes('a') ? 4 : 3;
    const [height, width] = encoding === 'mono16' ? [256, 256] : [5, 9];
    const values =
      encoding === 'mono16'
        ? Uint16Array.from({ length: 65536 }, (_, i) => i)
        : new Uint16Array(noise(height * width * channels * 2).buffer);
    const little = new Uint8Array(values.length * 2);
    const big = new Uint8Array(values.length * 2);
    for (const [i, value] of values.entries()) {
      little.set([value & 255, value >> 8], i * 2);
      big.set([value >> 8, value & 255], i * 2);
    }
    const expected = Array.from({ length: height * width }, (_, i) =>
      order.map((channel) => Math.round((values[i * channels + channel] ?? 0) / 257)),
    ).flat();
    t.deepEqual(
      [...(await convert(encoding, { bytes: little, height, width }, { rowPadding: 6 }))],
      expected,
    );
    t.deepEqual(
      [...(await convert(encoding, { bytes: big, height, width }, { isBigEndian: true }))],
      expected,
    );
  });
}

test('rows too short for their width are an error', async (t) => {
  await t.throwsAsync(convert('yuv422', { bytes: noise(40), height: 2, width: 12 }));
  await t.throwsAsync(convert('bayer_rggb8', { bytes: noise(40), height: 4, width: 11 }));
  await t.throwsAsync(convert('rgb16', { bytes: noise(40), height: 4, width: 2 }));
});

test('encodings have their graph under all of their names; plain ones have none', (t) => {
  const file = (encoding: string, isBigEndian = false) => {
    const found = conversionGraph(encoding, isBigEndian);
    return found === undefined ? undefined : path.basename(found.file);
  };
  t.is(file('uyvy'), 'yuv422.onnx');
  t.is(file('yuyv'), 'yuv422_yuy2.onnx');
  t.is(file('16UC1'), 'mono16.onnx');
  t.is(file('16UC3', true), 'bgr16_bigendian.onnx');
  t.is(file('bayer_grbg8', true), 'bayer_grbg8.onnx', 'bytes have no order');
  t.is(file('bayer_grbg16', true), 'bayer_grbg16_bigendian.onnx');
  for (const encoding of ['rgb8', 'mono8', '32FC1', 'yuv411']) t.is(file(encoding), undefined);
});

test('the files of the package are what this code exports; if not, run `node dist/training/cli/export-conversions.js`', async (t) => {
  const folder = path.join(packageRoot(), 'models', 'conversions');
  const graphs = conversionGraphs();
  t.deepEqual((await readdir(folder)).sort(), [...graphs.keys()].map((name) => `${name}.onnx`).sort());
  for (const [name, graph] of graphs) {
    const file = await readFile(path.join(folder, `${name}.onnx`));
    t.true(file.equals(graph.toModel()), name);
  }
});
