import { map, type OperatorFunction } from 'rxjs';
import { faultOf } from '../fault.js';
import type { FrameOrFault } from '../frame.js';
import type { PipelineStatistics } from '../pipeline-statistics.js';

/** Options of `checkOrder`. */
export interface CheckOrderOptions {
  /** `keep` processes every image, for recordings. `skip` takes only images newer than the last, for live cameras. */
  readonly outOfOrder: 'keep' | 'skip';
  /** Counts warnings and faults. */
  readonly statistics?: PipelineStatistics;
}

/**
 * Reports an image that is not newer than the newest one before it, and keeps or skips it as `outOfOrder` says. The order of
 * arrival never changes. A skipped image becomes a fault of the stage `order`; a kept one is a warning. With `skip`, images with
 * stamp 0 have no order and pass.
 */
export function checkOrder(options: CheckOrderOptions): OperatorFunction<FrameOrFault, FrameOrFault> {
  return (source) => {
    let newestNs: bigint | undefined;
    const judge = (item: FrameOrFault): FrameOrFault => {
      if (item.kind === 'fault') return item;
      const { image } = item;
      const previousNs = newestNs;
      if (options.outOfOrder === 'skip' && image.stampNs === 0n) return item;
      if (previousNs === undefined || image.stampNs > previousNs) {
        newestNs = image.stampNs;
        return item;
      }
      const what =
        image.stampNs === previousNs
          ? 'the stamp of the image before them'
          : 'an earlier stamp than one before them';
      if (options.outOfOrder === 'skip') return faultOf('order', image, `images with ${what} are skipped`);
      options.statistics?.warned(
        `images of ${image.topic} with ${what}: kept, in the order of the recording`,
      );
      return item;
    };
    return source.pipe(map(judge));
  };
}
