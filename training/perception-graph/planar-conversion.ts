import type { GraphBuilder } from '../onnx/graph-builder.js';
import { join, scalar, scalarFloat, unsqueeze, vector } from '../onnx/shape-ops.js';
import {
  BT601,
  type Conversion,
  conversion,
  finish,
  firstColumns,
  toBytes,
  toFloat,
} from './conversion-parts.js';

/** How an encoding stores colour beside its plane of brightness. */
export interface PlanarKind {
  /** Pixels that share a pair of U and V, in both directions. */
  readonly shared: 1 | 2;
  /** Graph inputs of the colour planes: one of pairs in this order, or one each. */
  readonly chroma: readonly [pairs: 'chroma', order: 'uv' | 'vu'] | readonly ['chroma_u', 'chroma_v'];
}

/** Planar kinds by encoding and file name. */
export const PLANAR_KINDS: Readonly<Record<string, PlanarKind>> = {
  nv12: { shared: 2, chroma: ['chroma', 'uv'] },
  nv21: { shared: 2, chroma: ['chroma', 'vu'] },
  nv24: { shared: 1, chroma: ['chroma', 'uv'] },
  i420: { shared: 2, chroma: ['chroma_u', 'chroma_v'] },
};

/**
 * YUV of which brightness and colour lie in planes of their own, to rgb8. It is by ITU-R BT.601 in studio range, the colour
 * of a block repeated over its pixels, as OpenCV's cvtColor(COLOR_YUV2RGB_NV12) and its like.
 *
 * Inputs beside `width`: `image` uint8 [H, step], the plane of brightness. The colours are `chroma` [H / shared, bytes a row],
 * pairs of U and V, or `chroma_u` and `chroma_v`. Extents that are odd round up; rows may be padded.
 */
export function planarConversion(name: string, { shared, chroma }: PlanarKind): GraphBuilder {
  const parts = conversion(name);
  const { g, width, height } = parts;
  const blocks = (extent: string) =>
    shared === 1 ? extent : g.op('Div', [g.op('Add', [extent, scalar(g, 1)]), scalar(g, 2)]);
  const [rows, columns] = [blocks(height), blocks(width)];
  const pairs = chroma[0] === 'chroma' ? interleaved(parts, columns) : separate(parts, columns);
  const order = chroma[1] === 'vu' ? (['v', 'u'] as const) : (['u', 'v'] as const);
  const times = <T>(values: readonly T[]) => (shared === 1 ? [...values] : [...values, ...values]);
  const weights = { u: times([0, BT601.ug, BT601.ub]), v: times([BT601.vr, BT601.vg, 0]) };
  const neutral = weights.u.map((weight, i) => -128 * (weight + (weights.v[i] ?? 0)));
  // One block's row of rgb, its pixels beside each other.
  const color = g.op('Gemm', [
    pairs,
    g.constant(
      order.flatMap((letter) => weights[letter]),
      'float32',
      [2, 3 * shared],
    ),
    g.constant(neutral, 'float32', [3 * shared]),
  ]);
  const rowBytes = g.op('Mul', [columns, scalar(g, 3 * shared)]);
  const rowsOf = (value: string, count: number) =>
    g.op('Reshape', [value, join(g, [rows, scalar(g, count), rowBytes])]);
  const sum = g.op('Add', [rowsOf(brightness(parts, shared, rows, columns), shared), rowsOf(color, 1)]);
  const clipped = g.op('Clip', [sum, scalarFloat(g, 0), scalarFloat(g, 255.5)]);
  const wide = g.op('Reshape', [
    toBytes(g, clipped),
    join(g, [g.op('Mul', [rows, scalar(g, shared)]), rowBytes]),
  ]);
  if (shared === 1) return finish(g, wide);
  const whole = g.op('Slice', [wide, vector(g, [0]), unsqueeze(g, height), vector(g, [0])]);
  return finish(g, firstColumns(g, whole, g.op('Mul', [width, scalar(g, 3)])));
}

/** [pixels of whole blocks, 3]: what brightness adds to each colour, and the half that makes a cut a rounding. */
function brightness(
  { g, image, width, height }: Conversion,
  shared: 1 | 2,
  rows: string,
  columns: string,
): string {
  const plane = firstColumns(g, image, width);
  const after = (extent: string, count: string) =>
    unsqueeze(g, g.op('Sub', [g.op('Mul', [count, scalar(g, 2)]), extent]));
  const padded =
    shared === 1
      ? plane
      : g.op('Pad', [
          plane,
          g.op('Concat', [vector(g, [0, 0]), after(height, rows), after(width, columns)], { axis: 0 }),
        ]);
  const values = g.op('Max', [toFloat(g, padded), scalarFloat(g, 16)]);
  return g.op('Gemm', [
    g.op('Reshape', [values, vector(g, [-1, 1])]),
    g.constant([BT601.y, BT601.y, BT601.y], 'float32', [1, 3]),
    g.constant(new Array<number>(3).fill(0.5 - 16 * BT601.y), 'float32', [3]),
  ]);
}

/** [blocks, 2] of a plane of pairs. */
function interleaved({ g }: Conversion, columns: string): string {
  const plane = g.input('chroma', 'uint8', ['CH', 'chroma_step']);
  const used = firstColumns(g, plane, g.op('Mul', [columns, scalar(g, 2)]));
  return g.op('Reshape', [toFloat(g, used), vector(g, [-1, 2])]);
}

/** [blocks, 2] of a plane of U and one of V. */
function separate({ g }: Conversion, columns: string): string {
  const [u, v] = ['chroma_u', 'chroma_v'].map((name) => {
    const plane = g.input(name, 'uint8', ['CH', 'chroma_step']);
    return g.op('Reshape', [toFloat(g, firstColumns(g, plane, columns)), vector(g, [-1, 1])]);
  }) as [string, string]; // one of each
  return g.op('Concat', [u, v], { axis: 1 });
}
