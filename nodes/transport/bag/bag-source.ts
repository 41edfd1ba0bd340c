import { Observable } from 'rxjs';
import type { BagMessage, BagReader } from '../../../msgs/bag/bag-reader.js';

/** What to read of a bag, and how fast. */
export interface BagSourceOptions {
  /** Full names of the topics. */
  readonly topics: readonly string[];
  /** Handed out before the first message that is read; default: none. */
  readonly held?: readonly BagMessage[];
  /** Log time of the first message, nanoseconds. */
  readonly fromNs?: bigint | undefined;
  /** Log time of the first message that is not read any more, nanoseconds. */
  readonly beforeNs?: bigint | undefined;
  /** Awaited before every message, for back-pressure and pace. `ended` aborts when nobody waits for the message any more. */
  readonly ready: (message: BagMessage, ended: AbortSignal) => Promise<void> | undefined;
  /** Aborting completes the stream. */
  readonly signal?: AbortSignal;
}

/**
 * Returns the recorded messages of some topics, in log time order, read no faster than `ready` lets them. Damage in the bag appears in
 * its `problems`; an error of `ready` is one of the stream.
 */
export function bagSource(
  reader: BagReader,
  { topics, held = [], fromNs, beforeNs, ready, signal }: BagSourceOptions,
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
    async function* messages(): AsyncGenerator<BagMessage> {
      yield* held;
      yield* reader.messages({
        ...{ topics, signal: stop.signal },
        ...(fromNs !== undefined && { fromNs }),
      });
    }
    const read = async () => {
      for await (const message of messages()) {
        if (beforeNs !== undefined && message.logTimeNs >= beforeNs) break;
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
