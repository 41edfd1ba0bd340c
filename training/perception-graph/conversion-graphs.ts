import { GraphBuilder } from '../onnx/graph-builder.js';
import { join, scalar, unsqueeze, vector } from '../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../onnx/tensor-data.js';

const { float32, uint8 } = ELEMENT_TYPES;

/**
 * The graphs that turn camera encodings into rgb8, by file name. Each has the inputs `image` uint8 [H, step] (rows with
 * their padding) and `width` int64 [], and the output `rgb` uint8 [H, 3 W].
 *
 * - `yuv422` (UYVY), `yuv422_yuy2` (YUYV): ITU-R BT.601 in studio range, with OpenCV's coefficients and its clipping of
 *   Y below 16, as cv_bridge converts them. Rows hold whole pairs of pixels; an odd width leaves half of the last.
 * - `bayer_*8`: bilinear demosaicing, rounded half up, as OpenCV's; beyond the border the image is mirrored, which keeps
 *   the pattern. At least 2 x 2 pixels.
 * - `mono16`, `rgb16`, `bgr16`, `rgba16`, `bgra16`: value / 257, rounded, so that 65535 becomes 255; alpha is dropped.
 *   `_bigendian` for images with `is_bigendian`.
 */
export function conversionGraphs(): Map<string, GraphBuilder> {
  const graphs = new Map<string, GraphBuilder>();
  graphs.set('yuv422', linearConversion('yuv422', yuv422({ u: 0, y: 1, v: 2 })));
  graphs.set('yuv422_yuy2', linearConversion('yuv422_yuy2', yuv422({ y: 0, u: 1, v: 3 })));
  for (const pattern of ['rggb', 'bggr', 'gbrg', 'grbg']) {
    graphs.set(`bayer_${pattern}8`, demosaicing(`bayer_${pattern}8`, pattern));
  }
  for (const [encoding, order] of Object.entries(SIXTEEN_BIT)) {
    for (const [suffix, high] of [
      ['', 1],
      ['_bigendian', 0],
    ] as const) {
      const name = `${encoding}${suffix}`;
      graphs.set(name, linearConversion(name, sixteenBit(order, high)));
    }
  }
  return graphs;
}

/** Channels of a pixel in memory; of `mono16`, all three colours are the one channel. */
const SIXTEEN_BIT: Readonly<Record<string, string>> = {
  mono16: 'm',
  rgb16: 'rgb',
  bgr16: 'bgr',
  rgba16: 'rgba',
  bgra16: 'bgra',
};

/** Groups of bytes become groups of pixels by a matrix: rgb = round(clip(max(bytes, floor) * matrix + bias)). */
interface LinearConversion {
  /** Pixels made from a group. */
  readonly pixels: number;
  /** One row a byte of the group, 3 * pixels columns. */
  readonly matrix: readonly (readonly number[])[];
  readonly bias: readonly number[];
  /** Least values of the bytes; undefined where there are none. */
  readonly floor?: readonly number[];
}

/** Fixed-point numbers of OpenCV (color_yuv.simd.hpp, 20 bits) of BT.601 in studio range. */
const BT601 = {
  y: 1220542 / 2 ** 20,
  ub: 2116026 / 2 ** 20,
  ug: -409993 / 2 ** 20,
  vg: -852492 / 2 ** 20,
  vr: 1673527 / 2 ** 20,
} as const;

/** @param at bytes of the first Y, of U and of V within the four of a pair; the second Y is two bytes after the first. */
function yuv422(at: { readonly y: number; readonly u: number; readonly v: number }): LinearConversion {
  const matrix = Array.from({ length: 4 }, () => [0, 0, 0, 0, 0, 0]);
  for (const pixel of [0, 1]) {
    for (const [channel, u, v] of [
      [0, 0, BT601.vr],
      [1, BT601.ug, BT601.vg],
      [2, BT601.ub, 0],
    ] as const) {
      const column = pixel * 3 + channel;
      for (const [byte, weight] of [
        [at.y + 2 * pixel, BT601.y],
        [at.u, u],
        [at.v, v],
      ] as const) {
        const row = matrix[byte];
        if (row !== undefined) row[column] = weight;
      }
    }
  }
  const neutral = [0, 0, 0, 0].map((_, byte) => (byte === at.u || byte === at.v ? 128 : 16));
  const bias = [0, 1, 2, 3, 4, 5].map(
    (column) => -matrix.reduce((sum, row, byte) => sum + (row[column] ?? 0) * (neutral[byte] ?? 0), 0),
  );
  return { pixels: 2, matrix, bias, floor: neutral.map((value) => (value === 16 ? 16 : 0)) };
}

/** @param high which of the two bytes of a number is worth 256. */
function sixteenBit(order: string, high: 0 | 1): LinearConversion {
  const matrix = [...order].flatMap((letter) =>
    [0, 1].map((byte) => {
      const weight = (byte === high ? 256 : 1) / 257;
      return [...'rgb'].map((color) => (letter === color || letter === 'm' ? weight : 0));
    }),
  );
  return { pixels: 1, matrix, bias: [0, 0, 0] };
}

function linearConversion(name: string, { pixels, matrix, bias, floor }: LinearConversion): GraphBuilder {
  const { g, image, width, height } = conversion(name);
  const bytes = matrix.length;
  const groups = g.op('Div', [g.op('Add', [width, scalar(g, pixels - 1)]), scalar(g, pixels)]);
  const rowBytes = g.op('Mul', [groups, scalar(g, bytes)]);
  const rows = toFloat(g, g.op('Slice', [image, vector(g, [0]), unsqueeze(g, rowBytes), vector(g, [1])]));
  // A whole row of limits: operations over spans of four bytes would be slow.
  const limited =
    floor === undefined
      ? rows
      : g.op('Max', [
          rows,
          g.op('Tile', [g.constant([...floor], 'float32', [floor.length]), unsqueeze(g, groups)]),
        ]);
  const grouped = g.op('Reshape', [limited, vector(g, [-1, bytes])]);
  const colors = g.op('Gemm', [
    grouped,
    g.constant(matrix.flat(), 'float32', [bytes, 3 * pixels]),
    // The cast below cuts off, which after adding a half is rounding.
    g.constant(
      bias.map((value) => value + 0.5),
      'float32',
      [3 * pixels],
    ),
  ]);
  const clipped = g.op('Clip', [colors, g.constant([0], 'float32', []), g.constant([255.5], 'float32', [])]);
  const wide = g.op('Reshape', [
    toBytes(g, clipped),
    join(g, [height, g.op('Mul', [groups, scalar(g, 3 * pixels)])]),
  ]);
  return finish(g, pixels === 1 ? wide : firstColumns(g, wide, g.op('Mul', [width, scalar(g, 3)])));
}

/**
 * Bilinear demosaicing as one convolution: every block of 2 x 2 pixels sees the 4 x 4 pixels around it and gives its 12
 * values, so that no value that is not needed is computed and no mask is multiplied.
 * @param pattern colours of the top left 2 x 2 pixels in reading order.
 */
function demosaicing(name: string, pattern: string): GraphBuilder {
  const { g, image, width, height } = conversion(name);
  const blocks = (extent: string) => g.op('Div', [g.op('Add', [extent, scalar(g, 1)]), scalar(g, 2)]);
  const [blockRows, blockColumns] = [blocks(height), blocks(width)];
  const plane = g.op('Reshape', [
    toFloat(g, firstColumns(g, image, width)),
    g.op('Concat', [vector(g, [1, 1]), unsqueeze(g, height), unsqueeze(g, width)], { axis: 0 }),
  ]);
  // One pixel on every side, and one more where the last block is half outside.
  const after = (extent: string, count: string) =>
    g.op('Add', [g.op('Sub', [g.op('Mul', [count, scalar(g, 2)]), extent]), scalar(g, 1)]);
  const pads = g.op(
    'Concat',
    [
      vector(g, [0, 0, 1, 1, 0, 0]),
      unsqueeze(g, after(height, blockRows)),
      unsqueeze(g, after(width, blockColumns)),
    ],
    { axis: 0 },
  );
  const padded = g.op('Pad', [plane, pads], { mode: 'reflect' });
  const planes = g.op(
    'Conv',
    [
      padded,
      g.constant(demosaicingKernels(pattern), 'float32', [12, 1, 4, 4]),
      g.constant(new Array<number>(12).fill(0.5), 'float32', [12]),
    ],
    { strides: [2, 2] },
  ); // [1, 12, rows / 2, columns / 2], the 12 being [row in block, column in block, colour]
  const bytes = toBytes(g, planes);
  // Two plain transpositions and a copy of rows: one that moves all axes takes several times as long in onnxruntime.
  const [upper, lower] = [0, 6].map((first) => {
    const six = g.op('Slice', [bytes, vector(g, [first]), vector(g, [first + 6]), vector(g, [1])]);
    const interleaved = g.op('Transpose', [six], { perm: [0, 2, 3, 1] });
    return g.op('Reshape', [
      interleaved,
      join(g, [blockRows, scalar(g, 1), g.op('Mul', [blockColumns, scalar(g, 6)])]),
    ]);
  }) as [string, string]; // as many as there are rows in a block
  const wide = g.op('Reshape', [
    g.op('Concat', [upper, lower], { axis: 1 }),
    join(g, [g.op('Mul', [blockRows, scalar(g, 2)]), g.op('Mul', [blockColumns, scalar(g, 6)])]),
  ]);
  const rows = g.op('Slice', [wide, vector(g, [0]), unsqueeze(g, height), vector(g, [0])]);
  return finish(g, firstColumns(g, rows, g.op('Mul', [width, scalar(g, 3)])));
}

/** [12, 4, 4]: for each pixel of the block and each colour the weights of the pixels around. */
function demosaicingKernels(pattern: string): number[] {
  const colorAt = (row: number, column: number) => pattern[(row & 1) * 2 + (column & 1)];
  const kernels: number[] = [];
  for (const [row, column] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ] as const) {
    for (const color of 'rgb') {
      const kernel = new Array<number>(16).fill(0);
      const own = colorAt(row, column) === color;
      const sources: number[] = [];
      for (const dy of own ? [0] : [-1, 0, 1]) {
        for (const dx of own ? [0] : [-1, 0, 1]) {
          // The kernel's corner is one pixel before the block; + 2 keeps the parity of what is negative.
          if (colorAt(row + dy + 2, column + dx + 2) === color)
            sources.push((row + dy + 1) * 4 + column + dx + 1);
        }
      }
      for (const source of sources) kernel[source] = 1 / sources.length;
      kernels.push(...kernel);
    }
  }
  return kernels;
}

interface Conversion {
  readonly g: GraphBuilder;
  readonly image: string;
  readonly width: string;
  /** int64 scalar. */
  readonly height: string;
}

function conversion(name: string): Conversion {
  const g = new GraphBuilder(name);
  const image = g.input('image', 'uint8', ['H', 'step']);
  const width = g.input('width', 'int64', []);
  const height = g.op('Gather', [g.op('Shape', [image]), scalar(g, 0)]);
  return { g, image, width, height };
}

function finish(g: GraphBuilder, rgb: string): GraphBuilder {
  g.output('rgb', rgb, 'uint8', ['H', 'W3']);
  return g;
}

function firstColumns(g: GraphBuilder, image: string, count: string): string {
  return g.op('Slice', [image, vector(g, [0]), unsqueeze(g, count), vector(g, [1])]);
}

function toFloat(g: GraphBuilder, value: string): string {
  return g.op('Cast', [value], { to: float32 });
}

function toBytes(g: GraphBuilder, value: string): string {
  return g.op('Cast', [value], { to: uint8 });
}
