import { concatMap, type OperatorFunction } from 'rxjs';
import type { Sink } from '../../transport/transport.js';
import { dropOf, type Fault } from '../fault.js';
import type { PipelineStatistics } from '../pipeline-statistics.js';
import type { Outdated } from './drop-outdated.js';
import type { EncodedFrame } from './encode.js';

/** Options of `publish`. */
export interface PublishOptions {
  /** Counts frames, faults and latencies. */
  readonly statistics?: PipelineStatistics;
  /** Called with the messages before their memory goes back. The next frame waits for it. */
  readonly before?: (frame: EncodedFrame) => Promise<void>;
  /** Whether a later stage needs the frame's memory and gives it back; default false. */
  readonly keep?: boolean;
  /** Decides which results are too old. Their frames are dropped, as faults of the stage `late`; default: none. */
  readonly outdated?: Outdated;
  /** Called if a frame that was published in part loses its remaining messages. */
  readonly onLeftOut?: () => void;
}

/** The stage under which results count that came too late. */
const LATE = 'late';

/**
 * Publishes the messages of one frame after the other, and gives their memory back. It emits each item after its publication, with
 * `publishedMs`. Faults are counted and pass on. An error of the sink ends the stream.
 * @param sink takes the messages of a frame all at once; the next frame waits until it has them
 */
export function publish<T extends EncodedFrame>(
  sink: Sink,
  { statistics, before, keep = false, outdated, onLeftOut }: PublishOptions = {},
): OperatorFunction<T | Fault, T | Fault> {
  return concatMap(async (item) => {
    if (item.kind === 'fault') {
      if (item.dropped) statistics?.dropped(item.stage);
      else statistics?.failed(item);
      return item;
    }
    const reason = outdated?.(item.frame.image);
    if (reason !== undefined) {
      item.frame.result.release();
      if (onLeftOut !== undefined) {
        onLeftOut();
        return item;
      }
      statistics?.dropped(LATE);
      return dropOf(LATE, item.frame.image, reason);
    }
    const startMs = performance.now();
    try {
      await before?.(item);
      // Queued at once, so that the sink can write them together.
      await Promise.all(item.messages.map((message) => sink.publish(message)));
    } catch (error) {
      item.frame.result.release();
      throw error;
    }
    if (!keep) item.frame.result.release();
    const endMs = performance.now();
    statistics?.passed('publish', endMs - startMs);
    statistics?.passed('total', endMs - item.frame.arrivedMs);
    return { publishedMs: endMs, ...item };
  });
}
