import { firstValueFrom, fromEvent, map, merge, take } from 'rxjs';
import type { PlaybackClock } from './playback-clock.js';

/** One reading of the recording, from a time on; ends when it is read, or when `signal` is aborted. */
export type PlaybackPass = (fromNs: bigint, signal: AbortSignal) => Promise<void>;

/**
 * Plays a recording until `signal` is aborted: reads it from where the clock is, and again from there at every seek. At the
 * end it waits for the next.
 * @throws what a pass throws.
 */
export async function play(clock: PlaybackClock, pass: PlaybackPass, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ending = new AbortController();
    const stopped$ = fromEvent(signal, 'abort').pipe(map(() => {}));
    const next = firstValueFrom(merge(clock.restart$, stopped$).pipe(take(1)), { defaultValue: undefined });
    void next.then(() => ending.abort());
    await pass(clock.state.timeNs, ending.signal);
    if (!ending.signal.aborted) clock.ended();
    await next;
  }
}
