import type { CameraInfo } from '../../../msgs/camera-info.js';

/** A camera_info of a full 640 x 480 image with K = P, no distortion, no ROI and no binning, but for `changes`. */
export function cameraInfoOf(changes: Partial<CameraInfo> = {}): CameraInfo {
  return {
    header: { stamp: { sec: 1, nanosec: 2 }, frame_id: 'camera_optical' },
    width: 640,
    height: 480,
    distortion_model: 'plumb_bob',
    d: [],
    k: [500, 0, 320.5, 0, 510, 239.25, 0, 0, 1],
    r: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    p: [450, 0, 310, 0, 0, 460, 230, 0, 0, 0, 1, 0],
    binning_x: 0,
    binning_y: 0,
    roi: { x_offset: 0, y_offset: 0, width: 0, height: 0, do_rectify: false },
    ...changes,
  };
}
