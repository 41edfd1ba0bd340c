import type { GraphBuilder } from '../onnx/graph-builder.js';
import { join, scalar, unsqueeze, vector } from '../onnx/shape-ops.js';
import {
  BT601,
  conversion,
  finish,
  firstColumns,
  fullScaleFactor,
  toBytes,
  toFloat,
} from './conversion-parts.js';
import { demosaicing } from './demosaicing.js';
import { PLANAR_KINDS, planarConversion } from './planar-conversion.js';

/**
 * The graphs that turn camera encodings into rgb8, by file name. Each has the inputs `image` uint8 [H, step] (rows with
 * their padding) and `width` int64 [], and the output `rgb` uint8 [H, 3 W].
 *
 * - `yuv422` (UYVY), `yuv422_yuy2` (YUYV): ITU-R BT.601 in studio range, with OpenCV's coefficients and its clipping of
 *   Y below 16, as cv_bridge converts them. Rows hold whole pairs of pixels; an odd width leaves half of the last.
 * - `nv12`, `nv21`, `nv24`, `i420`: the same colours from planes of their own, see planar-conversion.ts.
 * - `bayer_*8`, `bayer_*16`: bilinear demosaicing, rounded half up, as OpenCV's; beyond the border the image is mirrored,
 *   which keeps the pattern. At least 2 x 2 pixels.
 * - `mono16`, `rgb16`, `bgr16`, `rgba16`, `bgra16`: 255 value / full_scale, rounded; alpha is dropped. They have the input
 *   `full_scale`, float32 [], as `bayer_*16` have, and `_bigendian` is for images with `is_bigendian`.
 */
export function conversionGraphs(): Map<string, GraphBuilder> {
  const graphs = new Map<string, GraphBuilder>();
  graphs.set('yuv422', linearConversion('yuv422', yuv422({ u: 0, y: 1, v: 2 })));
  graphs.set('yuv422_yuy2', linearConversion('yuv422_yuy2', yuv422({ y: 0, u: 1, v: 3 })));
  for (const pattern of ['rggb', 'bggr', 'gbrg', 'grbg']) {
    graphs.set(`bayer_${pattern}8`, demosaicing(`bayer_${pattern}8`, pattern, 8));
    for (const [suffix, high] of BYTE_ORDERS) {
      const name = `bayer_${pattern}16${suffix}`;
      graphs.set(name, demosaicing(name, pattern, { high }));
    }
  }
  for (const [name, kind] of Object.entries(PLANAR_KINDS)) graphs.set(name, planarConversion(name, kind));
  for (const [encoding, order] of Object.entries(SIXTEEN_BIT)) {
    for (const [suffix, high] of BYTE_ORDERS) {
      const name = `${encoding}${suffix}`;
      graphs.set(name, linearConversion(name, sixteenBit(order, high)));
    }
  }
  return graphs;
}

/** Suffix of the file, and which of the two bytes of a number is worth 256. */
const BYTE_ORDERS = [
  ['', 1],
  ['_bigendian', 0],
] as const;

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
  /** The matrix is multiplied by 255 / `full_scale`, an input. */
  readonly scaled?: boolean;
}

/** @param at bytes of the first Y, of U and of V within the four of a pair. The second Y is two bytes after the first. */
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
      const weight = byte === high ? 256 : 1;
      return [...'rgb'].map((color) => (letter === color || letter === 'm' ? weight : 0));
    }),
  );
  return { pixels: 1, matrix, bias: [0, 0, 0], scaled: true };
}

function linearConversion(
  name: string,
  { pixels, matrix, bias, floor, scaled }: LinearConversion,
): GraphBuilder {
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
  const weights = g.constant(matrix.flat(), 'float32', [bytes, 3 * pixels]);
  const colors = g.op('Gemm', [
    grouped,
    scaled ? g.op('Mul', [weights, fullScaleFactor(g)]) : weights,
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
