import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import {
  composeTransforms,
  identityTransform,
  type RigidTransform,
} from '../../../msgs/camera/rigid-transform.js';
import { TrainingError } from '../../errors.js';
import { checkedIntrinsics } from '../files/checked-intrinsics.js';
import { readText } from '../files/read-text.js';

/** The left (`image_02`) and the right (`image_03`) colour camera. */
export type KittiCamera = '02' | '03';

/** A rectified colour camera of KITTI. */
export interface KittiCameraCalibration {
  /** Intrinsics of the rectified picture, pixels, pixel centres at integers. */
  readonly intrinsics: Intrinsics;
  /** The camera's optical frame from that of the rectified camera 00: a shift along the baseline. */
  readonly cameraFromRectified: RigidTransform;
  /** Size of the rectified pictures, pixels, where the file has `S_rect`. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** fx times the camera's x in the frame of camera 00, pixels times metres (the fourth entry of P's first row). */
  readonly focalOffset: number;
}

/**
 * Reads `calib_cam_to_cam.txt`: lines `NAME: numbers`, of which `P_rect_02` and `P_rect_03` (3x4, row major) are used, and
 * `S_rect_02` and `S_rect_03` (width, height) where they are there.
 *
 * P = K [I | t]: points of the rectified camera 00 are seen from a camera at -t. Source: Geiger et al., "Vision meets
 * robotics: The KITTI dataset" (2013), section 5.
 */
export async function readCameraCalibration(file: string): Promise<{
  readonly of: (camera: KittiCamera) => KittiCameraCalibration;
  readonly rectification: RigidTransform;
}> {
  const lines = await readCalibration(file, 'the calibration of the cameras (`P_rect_02: ...`)');
  return {
    of(camera) {
      const p = numbersOf(lines, file, `P_rect_${camera}`, 12);
      const at = (index: number): number => p[index] ?? Number.NaN;
      const intrinsics = checkedIntrinsics(file, { fx: at(0), fy: at(5), cx: at(2), cy: at(6) });
      const tz = at(11);
      const cameraFromRectified = identityTransform();
      cameraFromRectified[3] = (at(3) - intrinsics.cx * tz) / intrinsics.fx;
      cameraFromRectified[7] = (at(7) - intrinsics.cy * tz) / intrinsics.fy;
      cameraFromRectified[11] = tz;
      const [width = 0, height = 0] = lines.has(`S_rect_${camera}`)
        ? numbersOf(lines, file, `S_rect_${camera}`, 2)
        : [];
      const size = width > 0 && height > 0 ? { width, height } : undefined;
      return { intrinsics, cameraFromRectified, size, focalOffset: at(3) };
    },
    get rectification() {
      return rotation(numbersOf(lines, file, 'R_rect_00', 9));
    },
  };
}

/** Reads `calib_velo_to_cam.txt`: `R` (3x3) and `T`, from the LiDAR to the unrectified camera 00. */
export async function readLidarCalibration(file: string): Promise<RigidTransform> {
  const lines = await readCalibration(file, 'the calibration of the LiDAR (`R: ...`, `T: ...`)');
  const transform = rotation(numbersOf(lines, file, 'R', 9));
  numbersOf(lines, file, 'T', 3).forEach((value, row) => {
    transform[4 * row + 3] = value;
  });
  return transform;
}

/** The transform of LiDAR points into the optical frame of a rectified camera: P-shift, rectification, extrinsics. */
export function cameraFromLidar(
  { cameraFromRectified }: KittiCameraCalibration,
  rectification: RigidTransform,
  camera0FromLidar: RigidTransform,
): RigidTransform {
  return composeTransforms(cameraFromRectified, composeTransforms(rectification, camera0FromLidar));
}

async function readCalibration(file: string, expected: string): Promise<Map<string, string>> {
  const text = await readText(file, expected);
  const lines = text.split(/\r?\n/).map((line) => /^([^:]+):(.*)$/.exec(line));
  return new Map(
    lines.flatMap((match) => (match === null ? [] : [[match[1]?.trim() ?? '', match[2] ?? '']])),
  );
}

function numbersOf(
  lines: ReadonlyMap<string, string>,
  file: string,
  name: string,
  count: number,
): readonly number[] {
  const values = (lines.get(name) ?? '').trim().split(/\s+/).map(Number);
  if (values.length === count && values.every(Number.isFinite)) return values;
  throw new TrainingError(
    `${file}: expected a line \`${name}:\` with \`${count}\` numbers, got ${lines.get(name)?.trim().slice(0, 80) ?? 'no such line'}.`,
    { file },
  );
}

function rotation(values: readonly number[]): RigidTransform {
  const transform = identityTransform();
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) transform[4 * row + column] = values[3 * row + column] ?? 0;
  }
  return transform;
}
