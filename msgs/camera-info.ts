import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';

/** sensor_msgs/RegionOfInterest: a window of the full, unbinned image. All numbers are pixels of that image, from 0. */
export interface RegionOfInterest {
  /** Leftmost column of the window. */
  readonly x_offset: number;
  /** Uppermost row of the window. */
  readonly y_offset: number;
  /** Rows of the window; 0 together with `width` means the full image. */
  readonly height: number;
  /** Columns of the window; 0 together with `height` means the full image. */
  readonly width: number;
  /** Whether to rectify the region before use. */
  readonly do_rectify: boolean;
}

/**
 * sensor_msgs/CameraInfo: the calibration of a camera. `cameraModel` computes the geometry of the delivered image from it.
 * Source: sensor_msgs/msg/CameraInfo and REP 104.
 */
export interface CameraInfo {
  /** Stamp and frame of the camera. */
  readonly header: Header;
  /** Rows of the image that was calibrated: the full one, before ROI and binning. */
  readonly height: number;
  /** Pixels in a row of the image that was calibrated: the full one, before ROI and binning. */
  readonly width: number;
  /** Name of the distortion model: `plumb_bob`, `rational_polynomial`, `equidistant`, or a usual other name of these. */
  readonly distortion_model: string;
  /** Parameters of the distortion model, in the order of OpenCV: 4 to 14 numbers, or none for images without distortion. */
  readonly d: readonly number[] | Float64Array;
  /** [9] camera matrix K of the raw, full image, 3x3 row-major, pixels; `k[0]` is 0 if the camera is uncalibrated. */
  readonly k: readonly number[] | Float64Array;
  /** [9] rectification rotation R, 3x3 row-major: it turns rays of the camera into rays of the rectified camera. */
  readonly r: readonly number[] | Float64Array;
  /** [12] projection P of the rectified, full image, 3x4 row-major, pixels. */
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
