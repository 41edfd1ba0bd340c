import { map, type OperatorFunction } from 'rxjs';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { CameraImage, FrameOrFault } from '../frame.js';

/** Gives every image the same calibration, for users who give intrinsics instead of a camera_info topic. */
export function withCameraInfo(info: CameraInfo): OperatorFunction<CameraImage, FrameOrFault> {
  return map((image) => ({ kind: 'frame', image, info, pairedBy: 'given', arrivedMs: performance.now() }));
}
