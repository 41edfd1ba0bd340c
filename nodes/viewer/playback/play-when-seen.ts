import { firstValueFrom, fromEvent, merge, type Observable, take } from 'rxjs';
import { type PlaybackPass, play } from './play.js';
import type { PlaybackClock } from './playback-clock.js';

/** Plays a recording as `play` does, once `seen$` emits: its beginning does not pass while people open their browsers. */
export async function playWhenSeen(
  clock: PlaybackClock,
  pass: PlaybackPass,
  { seen$, signal }: { readonly seen$: Observable<unknown>; readonly signal: AbortSignal },
): Promise<void> {
  if (signal.aborted) return;
  const begin$ = merge(seen$, fromEvent(signal, 'abort')).pipe(take(1));
  await firstValueFrom(begin$, { defaultValue: undefined });
  // The clock stood.
  clock.control({});
  await play(clock, pass, signal);
}
