import type { SparseDepth } from './sparse-depth.js';

/** [height, width], metres; NaN where nothing is known. */
export function denseFromSparse({ width, height, columns, rows, depthMeters }: SparseDepth): Float32Array {
  const dense = new Float32Array(width * height).fill(Number.NaN);
  for (const [i, meters] of depthMeters.entries()) dense[(rows[i] ?? 0) * width + (columns[i] ?? 0)] = meters;
  return dense;
}
