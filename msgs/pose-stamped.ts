import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';
import type { Vector3 } from './vector3.js';

/** geometry_msgs/PoseStamped: a pose in the header's frame, metres. */
export interface PoseStamped {
  readonly header: Header;
  readonly pose: { readonly position: Vector3; readonly orientation: Vector3 & { readonly w: number } };
}

export const poseStampedCodec = definitionCodec<PoseStamped>(
  'geometry_msgs/msg/PoseStamped',
  ros2msg('geometry_msgs/PoseStamped'),
);
