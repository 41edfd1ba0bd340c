import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';

/** Source: rxdepth_msgs/msg/AdaptationStatus.msg. */
export const ADAPTATION_STATE = { IDLE: 0, RUNNING: 1, PROMOTED: 2, REJECTED: 3, FAILED: 4 } as const;

/** rxdepth_msgs/AdaptationStatus; rxdepth_msgs/msg/AdaptationStatus.msg says what each field means. */
export interface AdaptationStatus {
  readonly header: Header;
  /** One of `ADAPTATION_STATE`. */
  readonly state: number;
  readonly bag: string;
  readonly message: string;
  readonly elapsed_s: number;
}

export const adaptationStatusCodec = definitionCodec<AdaptationStatus>(
  'rxdepth_msgs/msg/AdaptationStatus',
  ros2msg('rxdepth_msgs/AdaptationStatus'),
);
