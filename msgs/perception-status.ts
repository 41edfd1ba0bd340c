import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';

/** rxdepth_msgs/PerceptionStatus; rxdepth_msgs/msg/PerceptionStatus.msg says what each field means. */
export interface PerceptionStatus {
  readonly header: Header;
  readonly model_name: string;
  readonly model_version: string;
  readonly provider: string;
  readonly device: string;
  readonly input_rate_hz: number;
  readonly output_rate_hz: number;
  readonly frames_in: number;
  readonly frames_out: number;
  readonly frames_dropped: number;
  readonly frames_failed: number;
  readonly latency_p50_ms: number;
  readonly latency_p95_ms: number;
  readonly scale: number;
  readonly scale_source: string;
  readonly dc_lambda: number;
}

export const perceptionStatusCodec = definitionCodec<PerceptionStatus>(
  'rxdepth_msgs/msg/PerceptionStatus',
  ros2msg('rxdepth_msgs/PerceptionStatus'),
);
