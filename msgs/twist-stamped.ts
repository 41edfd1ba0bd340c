import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';
import type { Vector3 } from './vector3.js';

/** geometry_msgs/TwistStamped: velocity in the header's frame, metres and radians a second. */
export interface TwistStamped {
  readonly header: Header;
  readonly twist: { readonly linear: Vector3; readonly angular: Vector3 };
}

export const twistStampedCodec = definitionCodec<TwistStamped>(
  'geometry_msgs/msg/TwistStamped',
  ros2msg('geometry_msgs/TwistStamped'),
);
