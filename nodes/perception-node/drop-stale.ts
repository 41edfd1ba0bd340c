import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import type { PipelineStatistics } from '../perception/pipeline-statistics.js';
import type { InputMessage } from '../transport/transport.js';
import { type AgeLimit, limitedAge } from './image-age.js';

export interface DropStaleOptions extends AgeLimit {
  readonly statistics: PipelineStatistics;
  /** Is told why, for every image that is dropped or oddly stamped. */
  readonly say: (text: string) => void;
}

/**
 * Drops images that are too old to be of use, as after a network jam, and those without a stamp, of which nobody knows. It
 * counts them as drops of stage `stale`.
 */
export function dropStale<T extends InputMessage>(options: DropStaleOptions): MonoTypeOperatorFunction<T> {
  const { statistics, say, parameters } = options;
  return filter(({ topic, stampNs }) => {
    const age = limitedAge(stampNs, options);
    const { max_age } = parameters();
    if (age === undefined) return true;
    if (stampNs === 0n) {
      say(
        `images of ${topic} carry no stamp (0), so that their age is unknown, and are dropped: have the driver stamp them, ` +
          'or set `max_age` to 0.0',
      );
    } else if (age > max_age) {
      say(
        `images of ${topic} are ${age.toFixed(1)} s old when they come, older than \`max_age\` (${max_age} s) allows, and are ` +
          'dropped; are the clocks of camera and node the same (`use_sim_time` for recordings)?',
      );
    } else {
      if (age < -max_age)
        say(
          `images of ${topic} are stamped ${(-age).toFixed(1)} s ahead of the clock; are the clocks of camera and node the ` +
            'same (`use_sim_time` for recordings)?',
        );
      return true;
    }
    statistics.dropped('stale');
    return false;
  });
}
