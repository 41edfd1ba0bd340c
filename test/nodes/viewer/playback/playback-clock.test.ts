import test from 'ava';
import { Subject } from 'rxjs';
import { play } from '../../../../nodes/viewer/playback/play.js';
import { playWhenSeen } from '../../../../nodes/viewer/playback/play-when-seen.js';
import type { PlaybackChange } from '../../../../nodes/viewer/playback/playback.js';
import { PlaybackClock } from '../../../../nodes/viewer/playback/playback-clock.js';

const SECOND = 1_000_000_000n;
/** A frame a second, from 100 s on. */
const FRAMES = [0, 1, 2, 3, 4].map((index) => (100n + BigInt(index)) * SECOND);
const RANGE = { startNs: FRAMES[0] ?? 0n, endNs: FRAMES[4] ?? 0n };

/** Plays the frames; tells what was shown, and waits until something was. */
function player(clock: PlaybackClock) {
  const shown: number[] = [];
  const stop = new AbortController();
  let told = () => {};
  const pass = async (fromNs: bigint, signal: AbortSignal) => {
    for (const timeNs of FRAMES.filter((one) => one >= fromNs)) {
      // What belongs to a frame, and is no frame, passes with it.
      await clock.due(timeNs, false, signal);
      await clock.due(timeNs, true, signal);
      if (signal.aborted) return;
      shown.push(Number(timeNs / SECOND) - 100);
      told();
    }
  };
  const done = play(clock, pass, stop.signal);
  const until = async (holds: () => boolean) => {
    while (!holds())
      await new Promise<void>((resolve) => {
        told = resolve;
        setTimeout(resolve, 5);
      });
  };
  const end = async () => {
    stop.abort();
    await done;
  };
  return { shown, until, end };
}

test('a recording begins when somebody looks', async (t) => {
  const clock = new PlaybackClock({ ...RANGE, speed: 20 });
  const seen$ = new Subject<void>();
  const stop = new AbortController();
  const begun: bigint[] = [];
  const pass = async (fromNs: bigint) => void begun.push(fromNs);
  const done = playWhenSeen(clock, pass, { seen$, signal: stop.signal });
  // Longer than the whole of it takes.
  await new Promise((resolve) => setTimeout(resolve, 250));
  t.deepEqual(begun, []);
  seen$.next();
  await new Promise((resolve) => setTimeout(resolve, 0));
  t.deepEqual(begun, [RANGE.startNs]);
  stop.abort();
  await done;
  const never = new AbortController();
  const unseen = playWhenSeen(clock, pass, { seen$: new Subject(), signal: never.signal });
  never.abort();
  await unseen;
  t.is(begun.length, 1);
});

test('while it is paused, one frame passes, and one more for every step', async (t) => {
  const clock = new PlaybackClock({ ...RANGE, paused: true });
  const { shown, until, end } = player(clock);
  await until(() => shown.length === 1);
  clock.control({ step: true });
  await until(() => shown.length === 2);
  clock.control({ step: true });
  clock.control({ step: true });
  await until(() => shown.length === 4);
  t.deepEqual(shown, [0, 1, 2, 3]);
  t.deepEqual(clock.state, { status: 'paused', timeNs: FRAMES[3] ?? 0n, speed: 1 });
  await end();
});

test('a seek shows the frame there, backwards too, and stays paused; one beyond the end is held back', async (t) => {
  const clock = new PlaybackClock({ ...RANGE, paused: true });
  const changes: PlaybackChange[] = [];
  clock.change$.subscribe((change) => changes.push(change));
  const { shown, until, end } = player(clock);
  await until(() => shown.length === 1);
  clock.control({ seekNs: (FRAMES[3] ?? 0n) - 1n, requestId: 'a' });
  await until(() => shown.length === 2);
  clock.control({ seekNs: FRAMES[1] ?? 0n });
  await until(() => shown.length === 3);
  clock.control({ seekNs: 10n ** 18n });
  await until(() => shown.length === 4);
  clock.control({ seekNs: 0n });
  await until(() => shown.length === 5);
  t.deepEqual(shown, [0, 3, 1, 4, 0]);
  t.like(changes[0], { didSeek: true, requestId: 'a' });
  await end();
});

test('at the end it waits; playing again begins at the beginning', async (t) => {
  const clock = new PlaybackClock({ ...RANGE, speed: 20 });
  const { shown, until, end } = player(clock);
  await until(() => clock.state.status === 'ended');
  t.deepEqual(shown, [0, 1, 2, 3, 4]);
  clock.control({ step: true });
  t.is(clock.state.status, 'ended', 'there is no further frame');
  clock.control({ play: true });
  await until(() => shown.length > 5);
  t.is(shown[5], 0);
  await end();
});

test('who looks at something new while it is paused, or at the end, is shown the same frame once more', async (t) => {
  const clock = new PlaybackClock({ ...RANGE, paused: true });
  const { shown, until, end } = player(clock);
  await until(() => shown.length === 1);
  clock.control({ seekNs: FRAMES[2] ?? 0n });
  await until(() => shown.length === 2);
  clock.refresh();
  await until(() => shown.length === 3);
  clock.control({ seekNs: FRAMES[4] ?? 0n });
  clock.control({ step: true });
  await until(() => clock.state.status === 'ended');
  clock.refresh();
  await until(() => shown.length === 5);
  t.deepEqual(shown, [0, 2, 2, 4, 4]);
  await end();
});

test('speeds that are none are ignored, and others are held within what makes sense', (t) => {
  const clock = new PlaybackClock(RANGE);
  for (const [asked, speed] of [
    [2, 2],
    [Number.NaN, 2],
    [-1, 2],
    [0, 2],
    [1e9, 20],
    [1e-9, 0.05],
  ] as const) {
    clock.control({ speed: asked });
    t.is(clock.state.speed, speed, String(asked));
  }
});

test('playing keeps the pace of the recording: a frame is never early', async (t) => {
  const clock = new PlaybackClock({ ...RANGE, speed: 10 });
  const startMs = performance.now();
  const { shown, until, end } = player(clock);
  await until(() => clock.state.status === 'ended');
  t.deepEqual(shown, [0, 1, 2, 3, 4]);
  t.true(performance.now() - startMs >= 395, 'four seconds at ten times their speed');
  await end();
});
