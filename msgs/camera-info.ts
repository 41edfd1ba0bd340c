import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';

/** sensor_msgs/RegionOfInterest, in pixels of the full, unbinned image. */
export interface RegionOfInterest {
  /** Leftmost column. */
  readonly x_offset: number;
  /** Uppermost row. */
  readonly y_offset: number;
  /** Rows; 0 together with `width` means the full image. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
  /** Whether to rectify the region before use. */
  readonly do_rectify: boolean;
}

/** sensor_msgs/CameraInfo. `cameraModel` computes the geometry of the delivered image from it. */
export interface CameraInfo {
  /** Stamp and frame of the camera. */
  readonly header: Header;
  /** Calibrated size in pixels: the full image, before ROI and binning. */
  readonly height: number;
  /** Calibrated width in pixels, likewise. */
  readonly width: number;
  /** Name of the distortion model, such as `plumb_bob`. */
  readonly distortion_model: string;
  /** Parameters of the distortion model, in the order of OpenCV. */
  readonly d: readonly number[] | Float64Array;
  /** Camera matrix of the raw image, 3x3 row-major, pixels; k[0] = 0 if the camera is uncalibrated. */
  readonly k: readonly number[] | Float64Array;
  /** Rectification rotation, 3x3 row-major. */
  readonly r: readonly number[] | Float64Array;
  /** Projection of the rectified image, 3x4 row-major, pixels. */
  readonly p: readonly number[] | Float64Array;
  /** Columns of the full image that one delivered column combines; 0 means 1. */
  readonly binning_x: number;
  /** Rows of the full image that one delivered row combines; 0 means 1. */
  readonly binning_y: number;
  /** Region of the full image that is delivered. */
  readonly roi: RegionOfInterest;
}

export const cameraInfoCodec = definitionCodec<CameraInfo>(
  'sensor_msgs/msg/CameraInfo',
  ros2msg('sensor_msgs/CameraInfo'),
);
