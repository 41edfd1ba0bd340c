import type { CameraInfo } from '../camera-info.js';
import type { Intrinsics } from './intrinsics.js';

/**
 * The camera_info of a camera without distortion, whose intrinsics a user gave for images of one size.
 * @param frameId of the images; where nobody looks at it, it says where the intrinsics are from
 */
export function givenCameraInfo(
  { fx, fy, cx, cy }: Intrinsics,
  { width, height }: { readonly width: number; readonly height: number },
  frameId = 'given intrinsics',
): CameraInfo {
  return {
    header: { stamp: { sec: 0, nanosec: 0 }, frame_id: frameId },
    ...{ height, width, distortion_model: 'plumb_bob', d: [0, 0, 0, 0, 0] },
    k: [fx, 0, cx, 0, fy, cy, 0, 0, 1],
    r: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    p: [fx, 0, cx, 0, 0, fy, cy, 0, 0, 0, 1, 0],
    ...{ binning_x: 0, binning_y: 0 },
    roi: { x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false },
  };
}
