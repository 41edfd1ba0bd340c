import path from 'node:path';
import { write, writeColor } from '../files/write-gray-png.js';

export const DATE = '2011_09_26';
export const DRIVE = '2011_09_26_drive_0002_sync';
export const [HEIGHT, WIDTH] = [20, 40];

/** Round numbers: camera 02 stands 0.5 m right of camera 00, 03 another 0.5 m. fx 10, fy 8, centre (16, 12). */
export const CAMERA_CALIBRATION = `calib_time: 09-Jan-2012 13:57:47
corner_dist: 9.950000e-02
S_rect_02: 4.000000e+01 2.000000e+01
R_rect_00: 1 0 0 0 1 0 0 0 1
P_rect_00: 10 0 16 0 0 8 12 0 0 0 1 0
P_rect_02: 1.000000e+01 0.000000e+00 1.600000e+01 -5.000000e+00 0.000000e+00 8.000000e+00 1.200000e+01 0.000000e+00 0.000000e+00 0.000000e+00 1.000000e+00 0.000000e+00
P_rect_03: 10 0 16 -10 0 8 12 0 0 0 1 0
`;

/** LiDAR x forward, y left, z up; mounted 0.2 m behind and 0.1 m above camera 00. */
export const LIDAR_CALIBRATION = `calib_time: 15-Mar-2012 11:37:16
R: 0 -1 0 0 0 -1 1 0 0
T: 0 -1.000000e-01 -2.000000e-01
delta_f: 0.000000e+00 0.000000e+00
`;

export function sweepOf(points: readonly (readonly [number, number, number])[]): Uint8Array {
  return new Uint8Array(Float32Array.from(points.flatMap(([x, y, z]) => [x, y, z, 0.5])).buffer);
}

/** A small KITTI raw tree: pictures 0..3 of both cameras, sweeps 0..3, calibrations. */
export async function writeKittiRaw(root: string, extension: 'png' | 'jpg' = 'png'): Promise<void> {
  await write(path.join(root, DATE, 'calib_cam_to_cam.txt'), CAMERA_CALIBRATION);
  await write(path.join(root, DATE, 'calib_velo_to_cam.txt'), LIDAR_CALIBRATION);
  const drive = path.join(root, DATE, DRIVE);
  for (const index of [0, 1, 2, 3]) {
    const digits = String(index).padStart(10, '0');
    for (const camera of ['02', '03']) {
      const file = path.join(drive, `image_${camera}`, 'data', `${digits}.${extension}`);
      await writeColor(file, [HEIGHT, WIDTH], [50 * index, camera === '02' ? 0 : 255, 0]);
    }
    const points = [[10.2 + index, -0.2, 0.4]] as const;
    await write(path.join(drive, 'velodyne_points', 'data', `${digits}.bin`), sweepOf(points));
  }
}
