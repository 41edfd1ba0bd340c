import { Observable } from 'rxjs';
import type { BagMessage, BagReader } from '../../../msgs/bag/bag-reader.js';

/** What to read of a bag, and how fast. */
export interface BagSourceOptions {
  /** Full names of the topics. */
  readonly topics: readonly string[];
  /** Log time of the first message, nanoseconds. */
  readonly fromNs?: bigint;
  /** Awaited before every message, for back-pressure and pace. `ended` aborts when nobody waits for the message any more. */
  readonly ready: (message: BagMessage, ended: AbortSignal) => Promise<void> | undefined;
  /** Aborting completes the stream. */
  readonly signal?: AbortSignal;
}

/** The recorded messages of some topics, in log time order, read no faster than `ready` lets them. */
export function bagSource(
  reader: BagReader,
  { topics, fromNs, ready, signal }: BagSourceOptions,
): Observable<BagMessage> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    subscriber.add(() => {
      signal?.removeEventListener('abort', abort);
      abort();
    });
    const read = async () => {
      for await (const message of reader.messages({
        ...{ topics, signal: stop.signal },
        ...(fromNs !== undefined && { fromNs }),
      })) {
        await ready(message, stop.signal);
        if (stop.signal.aborted) break;
        subscriber.next(message);
      }
    };
    read().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}
