import type { DeviceChoice } from '../../../models/device.js';
import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import type { ScaleChoice } from '../replay-options.js';

/** Where and how the page is served. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly allowOrigin?: readonly string[];
}

/** How a recording is played. */
export interface PlayOptions {
  /** Recorded seconds per second. */
  readonly speed?: number;
  /** Begin with the first frame, and wait. */
  readonly paused?: boolean;
}

/** What `rxdepth view BAG` is asked to do. */
export interface BagViewOptions extends CameraSettings, PlayOptions {
  readonly bag: string;
  /** Without it the current version, and every one that takes its place. */
  readonly model?: string;
  readonly device: DeviceChoice;
  readonly threads?: number;
  readonly pointsStride: number;
  readonly motion: boolean;
  readonly scale?: ScaleChoice;
  readonly cameraHeight?: number;
  readonly odometry?: string;
  readonly lidar?: string;
  readonly baseFrame?: string;
}
