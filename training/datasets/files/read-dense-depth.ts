import { readPositionGrid } from '../make3d/read-position-grid.js';
import { denseFromSparse } from '../stores/dense-from-sparse.js';
import type { DepthFile } from './frame-files.js';
import { type GrayPng, readGray16 } from './read-gray-png.js';
import { readPngChannel } from './read-png-channel.js';
import { readVelodyneDepth } from './read-velodyne-depth.js';

/**
 * The true depths of every pixel of a picture (of every cell of Make3D's grid). They are camera z in metres, +Infinity where
 * nothing is there (sky), NaN unknown.
 * @param size of the picture, for truth that has none of its own (LiDAR).
 * @throws TrainingError naming the file.
 */
export async function readDenseDepth(
  depth: DepthFile,
  size: { readonly height: number; readonly width: number },
): Promise<GrayPng<Float32Array>> {
  if (depth.kind === 'velodyne') {
    const sparse = await readVelodyneDepth(depth, size);
    return { height: sparse.height, width: sparse.width, values: denseFromSparse(sparse) };
  }
  if (depth.kind === 'make3d') {
    const grid = await readPositionGrid(depth.file, depth.mostMeters);
    return { height: grid.height, width: grid.width, values: denseFromSparse(grid) };
  }
  const { height, width, values } = await read(depth);
  return { height, width, values: Float32Array.from(values, metersOf(depth)) };
}

/** 0 means that nothing is known. */
function metersOf(depth: Exclude<DepthFile, { kind: 'velodyne' | 'make3d' }>): (value: number) => number {
  if (depth.kind === 'depth') {
    const { unitsPerMeter, farValue = Number.POSITIVE_INFINITY } = depth;
    return (value) =>
      value === 0 ? Number.NaN : value >= farValue ? Number.POSITIVE_INFINITY : value / unitsPerMeter;
  }
  const { focalBaseline, unitsPerPixel, offset = 0 } = depth;
  // At the offset the disparity is 0 and the depth infinite: nothing is known either.
  return (value) => (value <= offset ? Number.NaN : (focalBaseline * unitsPerPixel) / (value - offset));
}

function read(depth: Exclude<DepthFile, { kind: 'velodyne' }>): Promise<GrayPng<Uint16Array>> {
  const isFirst = depth.kind === 'depth' && depth.channels === 'first';
  return isFirst ? readPngChannel(depth.file, 16) : readGray16(depth.file);
}
