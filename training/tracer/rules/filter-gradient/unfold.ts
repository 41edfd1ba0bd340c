import type { Lowering } from '../../lower/lowering.js';

/** What the taps of a kernel see of one axis: tap k sees the elements offsets[k] + i stride, i < count; zeros outside. */
export interface AxisTaps {
  readonly offsets: readonly number[];
  readonly count: number;
  readonly stride: number;
}

/** An image as a matrix product wants it: every row is what one tap sees of one channel. */
export interface Unfolding {
  /** Images that are multiplied one by one; those of `merged` are within one row. */
  readonly groups: number;
  readonly merged: number;
  readonly channels: number;
  readonly extents: readonly [number, number];
  readonly rows: AxisTaps;
  readonly columns: AxisTaps;
}

/** Only tap: the axis as it is. */
export function whole(extent: number): AxisTaps {
  return { offsets: [0], count: extent, stride: 1 };
}

/** Rows beyond the image that taps see, before and after it. */
function overhang({ offsets, count, stride }: AxisTaps, extent: number): [number, number] {
  const last = Math.max(...offsets) + (count - 1) * stride + 1;
  return [Math.max(0, -Math.min(...offsets)), Math.max(0, last - extent)];
}

/** One tap that sees all rows in their order needs none gathered. */
function gathers({ extents, rows, columns }: Unfolding): boolean {
  const [offset] = rows.offsets;
  const plain = rows.offsets.length === 1 && rows.stride === 1 && offset === 0 && rows.count === extents[0];
  return !plain || columns.offsets.length > 1;
}

/** Split a strided axis by remainder first where many taps share one. */
function phased({ offsets, stride }: AxisTaps): boolean {
  return stride > 1 && offsets.length > 2 * stride;
}

/** Elements of an unfolding. */
export function matrixSize({ groups, merged, channels, rows, columns }: Unfolding): number {
  const taps = rows.offsets.length * columns.offsets.length;
  return groups * merged * channels * taps * rows.count * columns.count;
}

/** Elements that `unfold` writes, weighted by how slowly: Gather copies rows in parallel, strided slices are slow. */
export function unfoldingCost(u: Unfolding): number {
  const { groups, merged, channels, extents, rows, columns } = u;
  const [above, below] = overhang(rows, extents[0]);
  const images = groups * merged * channels;
  const height = extents[0] + above + below;
  const piece = images * height * columns.count;
  const plain = columns.stride === 1 && columns.count === extents[1] && columns.offsets.every((o) => o === 0);
  const slices = columns.stride === 1 ? 1 : phased(columns) ? 2 : 4;
  let cost = plain && above + below === 0 ? 0 : piece * columns.offsets.length * slices;
  if (columns.stride > 1) cost += images * height * extents[1];
  if (columns.offsets.length > 1) cost += piece * columns.offsets.length;
  if (gathers(u)) cost += 0.7 * matrixSize(u);
  return cost;
}

/**
 * Emits the matrix of an unfolding, [groups, channels * taps, merged * rows * columns], taps row by row.
 * @param image [groups, channels, H, W] or, where images are merged, [channels, merged, H, W].
 */
export function unfold(graph: Lowering, image: string, u: Unfolding): string {
  const g = graph.builder;
  const { groups, merged, channels, extents, rows, columns } = u;
  const [above, below] = overhang(rows, extents[0]);
  const height = extents[0] + above + below;
  const pieces = columnPieces(graph, image, u, above, below);
  // Extents left to the runtime: see `hidden` in compile.ts.
  const stacked = pieces.map((piece) =>
    g.op('Reshape', [piece, graph.int64([groups, channels, merged * height, -1])]),
  );
  let matrix = stacked.length === 1 ? (stacked[0] ?? '') : g.op('Concat', stacked, { axis: 2 });
  if (gathers(u)) {
    const indices: number[] = [];
    for (const offset of rows.offsets) {
      for (let column = 0; column < columns.offsets.length; column++) {
        for (let n = 0; n < merged; n++) {
          const first = (column * merged + n) * height + above + offset;
          for (let row = 0; row < rows.count; row++) indices.push(first + row * rows.stride);
        }
      }
    }
    matrix = g.op('Gather', [matrix, graph.int64(indices)], { axis: 2 });
  }
  const taps = rows.offsets.length * columns.offsets.length;
  return g.op('Reshape', [matrix, graph.int64([groups, channels * taps, -1])]);
}

/** For every tap's columns the image with just these, rows added above and below. */
function columnPieces(graph: Lowering, image: string, u: Unfolding, above: number, below: number): string[] {
  const { columns, extents } = u;
  if (columns.stride === 1) {
    return columns.offsets.map((offset) =>
      pad(graph, image, [above, below], [-offset, offset + columns.count - extents[1]]),
    );
  }
  const sides = overhang(columns, extents[1]);
  const padded = pad(graph, image, [above, below], sides);
  const length = (columns.count - 1) * columns.stride + 1;
  if (!phased(columns)) {
    return columns.offsets.map((offset) => {
      const start = offset + sides[0];
      return slice(graph, padded, start, start + length, columns.stride);
    });
  }
  const end = extents[1] + sides[0] + sides[1];
  return columns.offsets.map((offset) => {
    const start = offset + sides[0];
    const phase = slice(graph, padded, start % columns.stride, end, columns.stride);
    const first = Math.floor(start / columns.stride);
    return slice(graph, phase, first, first + columns.count, 1);
  });
}

function slice(graph: Lowering, image: string, start: number, end: number, step: number): string {
  const ints = [start, end, 3, step].map((value) => graph.int64([value]));
  return graph.builder.op('Slice', [image, ...ints]);
}

/** Adds rows and columns of zeros; negative numbers take some away. */
function pad(
  graph: Lowering,
  image: string,
  vertical: readonly [number, number],
  horizontal: readonly [number, number],
): string {
  const [top, bottom, left, right] = [...vertical, ...horizontal];
  if ([top, bottom, left, right].every((extent) => extent === 0)) return image;
  return graph.builder.op('Pad', [image, graph.int64([0, 0, top, left, 0, 0, bottom, right])]);
}
