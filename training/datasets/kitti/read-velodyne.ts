import { readFile } from 'node:fs/promises';
import { messageOf } from '../../../msgs/message-of.js';
import type { PointCoordinates } from '../../../msgs/read-points.js';
import { TrainingError } from '../../errors.js';

const POINT_BYTES = 16;

/**
 * The points of a KITTI sweep (`velodyne_points/data/*.bin`). They are little-endian float32 x, y, z (metres, x forward, y
 * left, z up) and reflectance, one point after the other. Source: KITTI raw data development kit, readme.
 * @throws TrainingError when the file cannot be read or is no whole number of points.
 */
export async function readVelodyne(file: string): Promise<PointCoordinates> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new TrainingError(`The LiDAR sweep ${file} cannot be read: ${messageOf(cause)}.`, {
      cause,
    });
  });
  if (bytes.length % POINT_BYTES !== 0) {
    throw new TrainingError(
      `The LiDAR sweep ${file} is damaged: expected a multiple of \`${POINT_BYTES}\` bytes, got ${bytes.length}.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = bytes.length / POINT_BYTES;
  const field = (offset: number) =>
    Float32Array.from({ length: count }, (_, i) => view.getFloat32(i * POINT_BYTES + offset, true));
  return { count, x: field(0), y: field(4), z: field(8) };
}
