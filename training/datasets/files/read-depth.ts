import { readPositionGrid } from '../make3d/read-position-grid.js';
import { type SparseDepth, sparseFromDense } from '../stores/sparse-depth.js';
import type { DepthFile } from './frame-files.js';
import { readDenseDepth } from './read-dense-depth.js';
import { readVelodyneDepth } from './read-velodyne-depth.js';

/**
 * The true depths of a picture where they are known and finite, camera z in metres.
 * @param size of the picture, for truth that has none of its own (LiDAR).
 * @throws TrainingError naming the file.
 */
export async function readDepth(
  depth: DepthFile,
  size: { readonly height: number; readonly width: number },
): Promise<SparseDepth> {
  if (depth.kind === 'velodyne') return readVelodyneDepth(depth, size);
  if (depth.kind === 'make3d') return atCentres(await readPositionGrid(depth.file, depth.mostMeters), size);
  const { values, height, width } = await readDenseDepth(depth, size);
  return sparseFromDense(values, height, width);
}

/** The depths of a coarse grid at the picture's pixels in the middle of its cells. */
function atCentres(
  { width: across, height: down, columns, rows, depthMeters }: SparseDepth,
  { width, height }: { readonly height: number; readonly width: number },
): SparseDepth {
  return {
    ...{ width, height, depthMeters },
    columns: columns.map((column) => Math.floor(((column + 0.5) * width) / across)),
    rows: rows.map((row) => Math.floor(((row + 0.5) * height) / down)),
  };
}
