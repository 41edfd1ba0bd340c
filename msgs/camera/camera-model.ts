import type { CameraInfo } from '../camera-info.js';
import { MessageError } from '../errors.js';
import { deliveredWindow } from './delivered-window.js';
import { type Distortion, distort, distortionOf, NO_DISTORTION } from './distortion.js';
import { cropIntrinsics, type Intrinsics, scaleIntrinsics } from './intrinsics.js';

/** The geometry of one camera's delivered images. */
export interface CameraModel {
  /** Intrinsics in pixels of the delivered image, after ROI and binning. */
  readonly intrinsics: Intrinsics;
  /** The lens of raw images; `none` for rectified ones. */
  readonly distortion: Distortion;
}

/**
 * Returns the geometry of the images that a camera_info belongs to, in pixels of the delivered image.
 *
 * `raw` images obey K and the distortion D. `rectified` ones (topics ending in image_rect*) obey the left 3x3 of P, without
 * distortion. K and P hold for the full, unbinned image. The delivered image is the region of interest of that, then binned.
 *
 * Source: sensor_msgs/msg/CameraInfo; image_geometry's PinholeCameraModel. Deviation from the latter: a binned pixel is taken
 * as the mean of its pixels, so its centre lies between theirs. cx' = (cx + 0.5) / b - 0.5, where image_geometry has cx / b.
 * @throws MessageError if the camera is uncalibrated, or if K, P or D hold impossible numbers.
 */
export function cameraModel(info: CameraInfo, kind: 'raw' | 'rectified'): CameraModel {
  const matrix = kind === 'raw' ? info.k : info.p;
  const columns = kind === 'raw' ? 3 : 4;
  const name = kind === 'raw' ? 'k' : 'p';
  const [fx = 0, fy = 0, cx = Number.NaN, cy = Number.NaN] = [
    matrix[0],
    matrix[columns + 1],
    matrix[2],
    matrix[columns + 2],
  ];
  const frame = info.header.frame_id;
  if (fx === 0) {
    throw new MessageError(
      `camera_info in frame \`${frame}\`: the camera is uncalibrated, \`${name}\` is all zero; calibrate it, or give ` +
        'its intrinsics as an option',
    );
  }
  if (!(fx > 0 && fy > 0 && [fx, fy, cx, cy].every(Number.isFinite))) {
    throw new MessageError(
      `camera_info in frame \`${frame}\`: expected positive focal lengths and a finite principal point in ` +
        `\`${name}\`, got fx ${fx}, fy ${fy}, cx ${cx}, cy ${cy}`,
    );
  }
  const window = deliveredWindow(info);
  const cropped = cropIntrinsics({ fx, fy, cx, cy }, window.x, window.y);
  return {
    intrinsics: scaleIntrinsics(cropped, 1 / window.binningX, 1 / window.binningY),
    distortion: kind === 'raw' ? distortionOf(info.distortion_model, info.d) : NO_DISTORTION,
  };
}

/**
 * Returns the pixel that shows a point: u is its column and v its row in the delivered image, pixel centres at integers. The
 * pixel may lie outside of the image. Returns undefined if the point is not in front of the camera (z <= 0).
 * @param point in the camera's optical frame (x right, y down, z ahead), metres
 */
export function projectPoint(
  { intrinsics, distortion }: CameraModel,
  point: { readonly x: number; readonly y: number; readonly z: number },
): { readonly u: number; readonly v: number } | undefined {
  if (!(point.z > 0)) return undefined;
  const { x, y } = distort(distortion, point.x / point.z, point.y / point.z);
  return { u: intrinsics.fx * x + intrinsics.cx, v: intrinsics.fy * y + intrinsics.cy };
}
