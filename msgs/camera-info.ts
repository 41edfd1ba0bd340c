import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';

/** sensor_msgs/RegionOfInterest, in pixels of the full, unbinned image. */
export interface RegionOfInterest {
  readonly x_offset: number;
  readonly y_offset: number;
  readonly height: number;
  readonly width: number;
  readonly do_rectify: boolean;
}

/** sensor_msgs/CameraInfo. `cameraModel` computes the geometry of the delivered image from it. */
export interface CameraInfo {
  readonly header: Header;
  /** Calibrated size in pixels: the full image, before ROI and binning. */
  readonly height: number;
  readonly width: number;
  readonly distortion_model: string;
  readonly d: readonly number[] | Float64Array;
  /** Camera matrix of the raw image, 3x3 row-major, pixels; k[0] = 0 if the camera is uncalibrated. */
  readonly k: readonly number[] | Float64Array;
  /** Rectification rotation, 3x3 row-major. */
  readonly r: readonly number[] | Float64Array;
  /** Projection of the rectified image, 3x4 row-major, pixels. */
  readonly p: readonly number[] | Float64Array;
  readonly binning_x: number;
  readonly binning_y: number;
  readonly roi: RegionOfInterest;
}

export const cameraInfoCodec = definitionCodec<CameraInfo>(
  'sensor_msgs/msg/CameraInfo',
  ros2msg('sensor_msgs/CameraInfo'),
);
