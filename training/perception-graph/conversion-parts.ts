import { GraphBuilder } from '../onnx/graph-builder.js';
import { scalar, scalarFloat, unsqueeze, vector } from '../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../onnx/tensor-data.js';

const { float32, uint8 } = ELEMENT_TYPES;

/** Fixed-point numbers of OpenCV (color_yuv.simd.hpp, 20 bits) of BT.601 in studio range. */
export const BT601 = {
  y: 1220542 / 2 ** 20,
  ub: 2116026 / 2 ** 20,
  ug: -409993 / 2 ** 20,
  vg: -852492 / 2 ** 20,
  vr: 1673527 / 2 ** 20,
} as const;

export interface Conversion {
  readonly g: GraphBuilder;
  readonly image: string;
  readonly width: string;
  /** int64 scalar. */
  readonly height: string;
}

/** A graph with the inputs that all conversions have. */
export function conversion(name: string): Conversion {
  const g = new GraphBuilder(name);
  const image = g.input('image', 'uint8', ['H', 'step']);
  const width = g.input('width', 'int64', []);
  const height = g.op('Gather', [g.op('Shape', [image]), scalar(g, 0)]);
  return { g, image, width, height };
}

/** Gives the graph its output. */
export function finish(g: GraphBuilder, rgb: string): GraphBuilder {
  g.output('rgb', rgb, 'uint8', ['H', 'W3']);
  return g;
}

/** Rows without what follows their first `count` bytes. */
export function firstColumns(g: GraphBuilder, image: string, count: string): string {
  return g.op('Slice', [image, vector(g, [0]), unsqueeze(g, count), vector(g, [1])]);
}

/** The value as float32. */
export function toFloat(g: GraphBuilder, value: string): string {
  return g.op('Cast', [value], { to: float32 });
}

/** The value as uint8; fractions are cut off. */
export function toBytes(g: GraphBuilder, value: string): string {
  return g.op('Cast', [value], { to: uint8 });
}

/**
 * What 16-bit numbers are multiplied by: 255 over the input `full_scale`, float32 [], the number that means white. It is
 * 65535 for cameras that fill the range, and 4095 for 12 bits in the low bits.
 */
export function fullScaleFactor(g: GraphBuilder): string {
  return g.op('Div', [scalarFloat(g, 255), g.input('full_scale', 'float32', [])]);
}
