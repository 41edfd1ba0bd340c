import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';
import type { Vector3 } from './vector3.js';

/** nav_msgs/Odometry: pose in the header's frame, velocity in the child's. */
export interface Odometry {
  readonly header: Header;
  readonly child_frame_id: string;
  readonly pose: {
    readonly pose: { readonly position: Vector3; readonly orientation: Vector3 & { readonly w: number } };
    /** [36] row major. */
    readonly covariance: ArrayLike<number>;
  };
  readonly twist: {
    /** Metres and radians a second. */
    readonly twist: { readonly linear: Vector3; readonly angular: Vector3 };
    readonly covariance: ArrayLike<number>;
  };
}

export const odometryCodec = definitionCodec<Odometry>('nav_msgs/msg/Odometry', ros2msg('nav_msgs/Odometry'));
