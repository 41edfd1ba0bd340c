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

/** sensor_msgs/CameraInfo; camera/camera-model.ts says what it means for the delivered image. */
export interface CameraInfo {
  readonly header: Header;
  /** Size at which the camera was calibrated: the full image, before ROI and binning. */
  readonly height: number;
  readonly width: number;
  readonly distortion_model: string;
  readonly d: readonly number[] | Float64Array;
  /** 3x3 row-major camera matrix of the raw image; k[0] = 0 when uncalibrated. */
  readonly k: readonly number[] | Float64Array;
  /** 3x3 row-major rectification rotation. */
  readonly r: readonly number[] | Float64Array;
  /** 3x4 row-major projection of the rectified image. */
  readonly p: readonly number[] | Float64Array;
  readonly binning_x: number;
  readonly binning_y: number;
  readonly roi: RegionOfInterest;
}

export const cameraInfoCodec = definitionCodec<CameraInfo>(
  'sensor_msgs/msg/CameraInfo',
  ros2msg('sensor_msgs/CameraInfo'),
);
