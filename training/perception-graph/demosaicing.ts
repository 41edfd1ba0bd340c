import type { GraphBuilder } from '../onnx/graph-builder.js';
import { join, scalar, unsqueeze, vector } from '../onnx/shape-ops.js';
import { conversion, finish, firstColumns, fullScaleFactor, toBytes, toFloat } from './conversion-parts.js';

interface SixteenBits {
  readonly high: 0 | 1;
}

/**
 * Bilinear demosaicing as one convolution: every block of 2 x 2 pixels sees the 4 x 4 pixels around it and gives its 12
 * values. So no value that is not needed is computed, and no mask is multiplied.
 * @param pattern colours of the top left 2 x 2 pixels in reading order.
 * @param bits of a sample: with 16, `high` is which of its two bytes is worth 256.
 */
export function demosaicing(name: string, pattern: string, bits: 8 | SixteenBits): GraphBuilder {
  const { g, image, width, height } = conversion(name);
  const blocks = (extent: string) => g.op('Div', [g.op('Add', [extent, scalar(g, 1)]), scalar(g, 2)]);
  const [blockRows, blockColumns] = [blocks(height), blocks(width)];
  const plane = g.op('Reshape', [
    bits === 8 ? toFloat(g, firstColumns(g, image, width)) : sixteenBitPlane(g, image, width, bits.high),
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
      // Rounds half up; the little more settles halves that 16 bits, scaled, miss by the last bit of a float32.
      g.constant(new Array<number>(12).fill(bits === 8 ? 0.5 : 0.5 + 2 ** -12), 'float32', [12]),
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

/** Samples of two bytes as numbers of which 255 is white, in one column. */
function sixteenBitPlane(g: GraphBuilder, image: string, width: string, high: 0 | 1): string {
  const bytes = toFloat(g, firstColumns(g, image, g.op('Mul', [width, scalar(g, 2)])));
  const weights = g.constant(high === 1 ? [1, 256] : [256, 1], 'float32', [2, 1]);
  return g.op('MatMul', [
    g.op('Reshape', [bytes, vector(g, [-1, 2])]),
    g.op('Mul', [weights, fullScaleFactor(g)]),
  ]);
}
