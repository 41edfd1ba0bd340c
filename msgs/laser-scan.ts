import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';

/** sensor_msgs/LaserScan: distances in the x-y plane of the frame, angles about its z axis from its x axis on. */
export interface LaserScan {
  readonly header: Header;
  /** Radians. */
  readonly angle_min: number;
  readonly angle_max: number;
  readonly angle_increment: number;
  /** Seconds between measurements, and between scans; 0: at once, unknown. */
  readonly time_increment: number;
  readonly scan_time: number;
  /** Metres; ranges outside are no measurements. */
  readonly range_min: number;
  readonly range_max: number;
  /** Metres; +Inf: nothing up to range_max, NaN: not known (REP 117). */
  readonly ranges: ArrayLike<number>;
  readonly intensities: ArrayLike<number>;
}

export const laserScanCodec = definitionCodec<LaserScan>(
  'sensor_msgs/msg/LaserScan',
  ros2msg('sensor_msgs/LaserScan'),
);
