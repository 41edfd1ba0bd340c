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
  const { values, height, width } = await readDenseDepth(depth, size);
  return sparseFromDense(values, height, width);
}
