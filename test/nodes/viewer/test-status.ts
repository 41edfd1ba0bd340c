import type { PerceptionStatus } from '../../../msgs/perception-status.js';
import { testImage } from '../test-messages.js';

/** A status of a node that keeps up. */
export function testStatus(): PerceptionStatus {
  return {
    header: testImage().header,
    ...{ model_name: '', model_version: '1', provider: 'cpu', device: '' },
    ...{
      input_rate_hz: 1,
      output_rate_hz: 1,
      frames_in: 1,
      frames_out: 1,
      frames_dropped: 0,
      frames_failed: 0,
    },
    ...{ latency_p50_ms: 1, latency_p95_ms: 1, scale: 1, scale_source: 'model', dc_lambda: 1 },
  };
}
