import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';

/** vision_msgs/VisionClass: the name behind a pixel value of a label image. */
export interface VisionClass {
  readonly class_id: number;
  readonly class_name: string;
}

/** vision_msgs/LabelInfo: the classes of a label image, published latched beside it. */
export interface LabelInfo {
  readonly header: Header;
  readonly class_map: readonly VisionClass[];
  /** Confidence threshold in [0, 1]. */
  readonly threshold: number;
}

export const labelInfoCodec = definitionCodec<LabelInfo>(
  'vision_msgs/msg/LabelInfo',
  ros2msg('vision_msgs/LabelInfo'),
);
