import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';
import type { Odometry } from './odometry.js';
import type { Vector3 } from './vector3.js';

/** vision_msgs/Detection3D: a thing, what it may be, and its box. */
export interface Detection3D {
  readonly header: Header;
  /** The likeliest first. */
  readonly results: readonly {
    readonly hypothesis: { readonly class_id: string; readonly score: number };
    /** With covariance [36] row major: place, then turn. */
    readonly pose: Odometry['pose'];
  }[];
  readonly bbox: { readonly center: Odometry['pose']['pose']; readonly size: Vector3 };
  /** The same in all messages about the thing. */
  readonly id: string;
}

export interface Detection3DArray {
  readonly header: Header;
  readonly detections: readonly Detection3D[];
}

export const detection3DArrayCodec = definitionCodec<Detection3DArray>(
  'vision_msgs/msg/Detection3DArray',
  ros2msg('vision_msgs/Detection3DArray'),
);
