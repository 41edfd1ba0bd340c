import { useEffect, useRef, useState } from 'preact/hooks';
import type { Connection } from './connection.js';
import { type PageState, type Store, useStore } from './store.js';

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8];
/** Steps of the slider over the whole recording. */
const STEPS = 10_000;
const JUMP_S = 5;
const NUDGE_S = 0.5;
/** Least time between two seeks while the slider is dragged, milliseconds. */
const SEEK_PERIOD_MS = 120;

/** Plays, pauses, steps and scrubs a recording; absent where what is shown is live. */
export function Timeline({
  store,
  connection,
}: {
  readonly store: Store<PageState>;
  readonly connection: Connection;
}) {
  const hello = useStore(store, (state) => state.hello);
  const playback = useStore(store, (state) => state.playback);
  const [dragged, setDragged] = useState<number | undefined>(undefined);
  const lastSeekRef = useRef({ ms: 0, timer: 0 });
  const range = hello?.range;
  const startNs = BigInt(range?.startNs ?? 0);
  const endNs = BigInt(range?.endNs ?? 0);
  const spanS = Number(endNs - startNs) / 1e9;
  const timeNs = BigInt(playback?.timeNs ?? startNs);
  const atS = Number(timeNs - startNs) / 1e9;
  const playing = playback?.status === 'playing';

  const toggle = () => connection.send({ op: 'playback', play: !playing });
  const step = () => connection.send({ op: 'playback', step: true });
  const seek = (seconds: number) => {
    const clamped = Math.min(spanS, Math.max(0, seconds));
    connection.send({ op: 'playback', seekNs: String(startNs + BigInt(Math.round(clamped * 1e9))) });
  };
  /** While the slider is dragged; the last one is never left out. */
  const seekSoon = (seconds: number) => {
    const last = lastSeekRef.current;
    clearTimeout(last.timer);
    const go = () => {
      last.ms = performance.now();
      seek(seconds);
    };
    const waitMs = SEEK_PERIOD_MS - (performance.now() - last.ms);
    if (waitMs <= 0) go();
    else last.timer = window.setTimeout(go, waitMs);
  };

  const keysRef = useRef({ toggle, step, seek, atS, spanS });
  keysRef.current = { toggle, step, seek, atS, spanS };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target, event.key)) return;
      const keys = keysRef.current;
      const far = event.shiftKey ? JUMP_S : NUDGE_S;
      const actions: Readonly<Record<string, () => void>> = {
        ' ': keys.toggle,
        k: keys.toggle,
        '.': keys.step,
        ArrowLeft: () => keys.seek(keys.atS - far),
        ArrowRight: () => keys.seek(keys.atS + far),
        Home: () => keys.seek(0),
        End: () => keys.seek(keys.spanS),
      };
      const action = actions[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);

  if (range === undefined || playback === undefined) return null;
  const shownS = dragged ?? atS;
  return (
    <footer class="timeline">
      <button
        type="button"
        class="play"
        onClick={toggle}
        title={playing ? 'Pause (space)' : 'Play (space)'}
        data-status={playback.status}
      >
        {playing ? '❚❚' : '►'}
        <span class="hidden">{playing ? 'Pause' : 'Play'}</span>
      </button>
      <button type="button" onClick={step} title="Next frame (.)" disabled={playback.status === 'ended'}>
        ►❙<span class="hidden">Step</span>
      </button>
      <input
        type="range"
        min={0}
        max={STEPS}
        value={spanS === 0 ? 0 : Math.round((shownS / spanS) * STEPS)}
        aria-label="Time"
        aria-valuetext={`${shownS.toFixed(1)} of ${spanS.toFixed(1)} seconds`}
        onInput={({ currentTarget }) => {
          const seconds = (Number(currentTarget.value) / STEPS) * spanS;
          setDragged(seconds);
          seekSoon(seconds);
        }}
        onChange={() => setDragged(undefined)}
      />
      <output class="time">
        {clock(shownS)} <small>/ {clock(spanS)}</small>
      </output>
      <label>
        <span class="hidden">Speed</span>
        <select
          value={String(playback.speed)}
          onChange={({ currentTarget }) => {
            connection.send({ op: 'playback', speed: Number(currentTarget.value) });
            // Keys are those of the page again.
            currentTarget.blur();
          }}
        >
          {[...new Set([...SPEEDS, playback.speed])]
            .sort((a, b) => a - b)
            .map((speed) => (
              <option key={speed} value={String(speed)}>
                {speed}×
              </option>
            ))}
        </select>
      </label>
    </footer>
  );
}

function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, '0')}`;
}

/** Whether a key belongs to what has the focus. */
function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('select, textarea, dialog[open], .cloud') !== null) return true;
  if (target.closest('input') !== null) return key.startsWith('Arrow') || key === 'Home' || key === 'End';
  return key === ' ' && target.closest('button') !== null;
}
