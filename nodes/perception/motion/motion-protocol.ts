import type { Manifest } from '../../../models/manifest.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { Header } from '../../../msgs/header.js';
import type { FrameMaps } from '../engine/frame-maps.js';
import type { ObstacleMessages } from '../obstacles/obstacle-judge.js';
import type { ObstacleRequest } from '../obstacles/obstacle-request.js';
import type { TrackMessages } from '../tracks/track-messages.js';
import type { DepthFactors } from './depth-factors.js';
import type { EgoMotion } from './ego-motion.js';

/** A measurement of a LiDAR beside a frame. */
export interface LidarScan {
  /** CDR bytes of a PointCloud2. */
  readonly cdr: Uint8Array;
  /** Pose of the LiDAR: it maps points of the LiDAR to the camera's optical frame, metres. */
  readonly cameraFromLidar: RigidTransform;
}

/** One frame for the motion worker; the buffers of `maps`, `dynamic` and `points` are transferred and come back. */
export interface MotionRequest {
  /** Number that the answer repeats. */
  readonly id: number;
  /** Header of the frame's image. */
  readonly header: Header;
  /** Stamp of the frame, nanoseconds since the epoch. */
  readonly stampNs: bigint;
  /** Rows of the camera's image. */
  readonly height: number;
  /** Pixels in a row of the camera's image. */
  readonly width: number;
  /** Intrinsics of the camera's image, pixels. */
  readonly intrinsics: Intrinsics;
  /** Maps of the frame. */
  readonly maps: FrameMaps;
  /** Factor that the depths already contain. */
  readonly scale: number;
  /** Estimated length of the model's unit, metres; NaN if unknown. */
  readonly metersPerUnit: number;
  /** The model's classes, sent with the first frame and after a swap. They reset all state. */
  readonly classes?: Manifest['classes'];
  /** Message `dynamic/mask` with m_t alone. */
  readonly dynamic?: Uint8Array;
  /** Message `points`; it becomes `points/static`. */
  readonly points?: Uint8Array;
  /** The LiDAR's measurement for the frame. */
  readonly lidar?: LidarScan;
  /** Request for the obstacles in `points`; depths must be metres. */
  readonly obstacles?: ObstacleRequest;
  /** Whether to follow people and vehicles; depths must be metres. */
  readonly tracks?: boolean;
  /** Whether to steady the depth. */
  readonly stabilize?: boolean;
  /** Memory for `dynamic/moving`. */
  readonly reuse?: ArrayBuffer;
}

/** Measurements of a frame that give its metric scale. Lengths have the model's own unit. */
export interface ScaleMeasurements {
  /** Height of the camera over the plane of the road. */
  readonly roadHeight?: number;
  /** Distance that the camera moved since the frame before, in the model's unit. */
  readonly travelled?: number;
  /** Time since the frame before, seconds. */
  readonly seconds?: number;
  /** Median of LiDAR depth / model depth. */
  readonly lidarRatio?: number;
}

/** What comparing a frame with those before it gives. */
export interface FrameMotion extends ScaleMeasurements {
  /** Lambda (SGDepth, eq. 10) against the frame half a second before; NaN if the camera's motion is unknown. */
  readonly lambda: number;
  /** The camera's motion in those `seconds`; absent if unknown. */
  readonly ego?: Pick<EgoMotion, 'earlierFromLater' | 'covariance'>;
  /** Time in the worker, milliseconds. */
  readonly motionMs: number;
}

/** The worker's answer to a MotionRequest. */
export interface MotionAnswer extends FrameMotion {
  /** Tells the answer from an error. */
  readonly kind: 'motion';
  /** Number of the request. */
  readonly id: number;
  /** Message `dynamic/moving`: CDR bytes of a sensor_msgs/Image, mono8, 255 on what moves. */
  readonly moving: Uint8Array;
  /** Message `dynamic/mask` with mu_t (SGDepth, eq. 7 and 8): mono8, 255 where a dynamic class is or, warped, was. */
  readonly dynamic?: Uint8Array;
  /** Message `points/static`. */
  readonly points?: Uint8Array;
  /** Obstacles; absent if not wanted, or if the ground is unknown. */
  readonly obstacles?: ObstacleMessages;
  /** People and vehicles that are followed; absent if not wanted. */
  readonly tracks?: TrackMessages;
  /** Maps of the frame, given back. */
  readonly maps: FrameMaps;
  /** Factors that steady the frame's depth, if wanted. `points` contains them already. */
  readonly factors?: DepthFactors;
}

export type FromMotionWorker =
  | MotionAnswer
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
