import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';

/** geometry_msgs/TransformStamped: the pose of `child_frame_id` in `header.frame_id`, that is parentFromChild. */
export interface TransformStamped {
  /** Stamp, and name of the parent frame. */
  readonly header: Header;
  /** Name of the child frame. */
  readonly child_frame_id: string;
  /** parentFromChild: it maps points of the child frame to the parent frame. */
  readonly transform: {
    /** Translation in metres. */
    readonly translation: { readonly x: number; readonly y: number; readonly z: number };
    /** Rotation as a unit quaternion. */
    readonly rotation: { readonly x: number; readonly y: number; readonly z: number; readonly w: number };
  };
}

/** tf2_msgs/TFMessage, the type of /tf and /tf_static. */
export interface TFMessage {
  readonly transforms: readonly TransformStamped[];
}

export const tfMessageCodec = definitionCodec<TFMessage>(
  'tf2_msgs/msg/TFMessage',
  ros2msg('tf2_msgs/TFMessage'),
);
