import { concatMap, type OperatorFunction } from 'rxjs';
import type { Sink } from '../../transport/transport.js';
import type { Fault } from '../fault.js';
import type { PipelineStatistics } from '../pipeline-statistics.js';
import type { EncodedFrame } from './encode.js';

export interface PublishOptions {
  readonly statistics?: PipelineStatistics;
  /** Called with the messages before their memory is given back; the next frame waits for it. */
  readonly before?: (frame: EncodedFrame) => Promise<void>;
}

/**
 * Hands the messages of one frame after the other to the sink and gives their memory back. Emits the same items when
 * they are published; an error of the sink ends the stream.
 */
export function publish(
  sink: Sink,
  { statistics, before }: PublishOptions = {},
): OperatorFunction<EncodedFrame | Fault, EncodedFrame | Fault> {
  return concatMap(async (item) => {
    if (item.kind === 'fault') {
      statistics?.failed(item);
      return item;
    }
    const startMs = performance.now();
    try {
      await before?.(item);
      // Queued at once, so that the sink can write them together.
      await Promise.all(item.messages.map((message) => sink.publish(message)));
    } finally {
      item.frame.result.release();
    }
    const endMs = performance.now();
    statistics?.passed('publish', endMs - startMs);
    statistics?.passed('total', endMs - item.frame.arrivedMs);
    return item;
  });
}
