import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import type { PipelineStatistics } from '../perception/pipeline-statistics.js';
import type { InputMessage } from '../transport/transport.js';

export interface DropStaleOptions {
  /** Seconds; 0 keeps everything. Asked for every message. */
  readonly maxAge: () => number;
  readonly nowNs: () => bigint;
  readonly statistics: PipelineStatistics;
}

/**
 * Drops images that are too old to be of use, as after a network jam; counted as drops of stage `stale`. A clock that has
 * not begun (simulated time before the first /clock) drops nothing.
 */
export function dropStale<T extends InputMessage>(options: DropStaleOptions): MonoTypeOperatorFunction<T> {
  const { maxAge, nowNs, statistics } = options;
  return filter(({ topic, stampNs }) => {
    const maxNs = BigInt(Math.round(maxAge() * 1e9));
    const now = nowNs();
    const ageNs = now - stampNs;
    if (maxNs === 0n || now === 0n || ageNs <= maxNs) return true;
    statistics.dropped('stale');
    statistics.warned(
      `images of ${topic} are older than \`max_age\` allows and are dropped; are the clocks of camera and node the same ` +
        '(`use_sim_time` for recordings)?',
    );
    return false;
  });
}
