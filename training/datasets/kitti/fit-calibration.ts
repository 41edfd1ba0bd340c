import { scaleIntrinsics } from '../../../msgs/camera/intrinsics.js';
import { pictureSize } from '../files/picture-size.js';
import type { KittiCameraCalibration } from './calibration.js';

/** A calibration for the pictures that are there, and what to say where they are copies of another size. */
export interface FittedCalibration {
  readonly calibration: KittiCameraCalibration;
  /** `1242 x 375 pixels, as calibrated, of PICTURE (621 x 187)`; undefined where the sizes are the same or not known. */
  readonly other?: string;
}

/**
 * Intrinsics of pictures that are resized copies: whole, each axis by itself. What is in metres stays, and so does
 * `focalOffset`, since disparity maps keep the numbers of the calibrated size.
 * @param picture one of the camera's; left out: the calibration stays.
 * @throws TrainingError naming a picture that has no size.
 */
export async function fitCalibration(
  calibration: KittiCameraCalibration,
  picture: string | undefined,
): Promise<FittedCalibration> {
  const { size, intrinsics } = calibration;
  if (size === undefined || picture === undefined) return { calibration };
  const { width, height } = await pictureSize(picture);
  if (width === size.width && height === size.height) return { calibration };
  const fitted = scaleIntrinsics(intrinsics, width / size.width, height / size.height);
  return {
    calibration: { ...calibration, intrinsics: fitted },
    other: `${size.width} x ${size.height} pixels, as calibrated, of ${picture} (\`${width} x ${height}\`)`,
  };
}

/** One sentence for `FrameSet.missing`; none where all pictures have the calibrated size. */
export function otherSizes(others: readonly (string | undefined)[], what: string): string[] {
  const [first, ...more] = others.filter((each) => each !== undefined);
  if (first === undefined) return [];
  const rest = more.length === 0 ? '' : `, and of ${more.length} more ${what}`;
  return [
    `${first}${rest}: intrinsics are scaled as for copies resized as a whole; metres are wrong if they were cropped`,
  ];
}
