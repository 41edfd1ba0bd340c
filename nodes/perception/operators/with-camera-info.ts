import { map, type OperatorFunction } from 'rxjs';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { CameraImage, FrameOrFault } from '../frame.js';

/**
 * Makes a frame of every image, with the same calibration for all: for users who give intrinsics instead of a camera_info topic.
 * @param info as `pair` would deliver it; its header is not looked at
 */
export function withCameraInfo(info: CameraInfo): OperatorFunction<CameraImage, FrameOrFault> {
  return map((image) => ({ kind: 'frame', image, info, pairedBy: 'given', arrivedMs: performance.now() }));
}
