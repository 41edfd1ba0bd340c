import { useEffect, useState } from 'preact/hooks';
import type { WireRun } from '../../page-protocol.js';
import type { Connection } from '../connection.js';
import { type PageState, type Store, useStore } from '../store.js';

const MIDDLE = 50;

/** Depth before a run and after it, one over the other: the slider says how much of which is seen. */
export function Comparison({
  run,
  store,
  connection,
}: {
  readonly run: WireRun;
  readonly store: Store<PageState>;
  readonly connection: Connection;
}) {
  const comparison = useStore(store, (state) => state.comparison);
  const [index, setIndex] = useState(1);
  const [share, setShare] = useState(MIDDLE);
  useEffect(() => connection.send({ op: 'comparison', run: run.id, index }), [connection, run.id, index]);
  if (comparison?.run !== run.id) return <p class="waiting">Waiting for the pictures of the run</p>;
  const source = (png: string) => `data:image/png;base64,${png}`;
  return (
    <div class="comparison">
      <p class="choice">
        {Array.from({ length: run.pictures }, (_, at) => at + 1).map((number) => (
          <button
            key={number}
            type="button"
            aria-pressed={number === index}
            onClick={() => setIndex(number)}
            title={`Picture ${number} of the judged part of the drive`}
          >
            {number}
          </button>
        ))}
      </p>
      <div class="over" data-index={comparison.index}>
        <img src={source(comparison.after)} alt="Depth after the run" />
        <img
          src={source(comparison.before)}
          alt="Depth before the run"
          style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}
        />
        <i style={{ left: `${share}%` }} />
        <span class="left">before</span>
        <span class="right">after</span>
      </div>
      <input
        type="range"
        min={0}
        max={100}
        value={share}
        aria-label="Depth before and after"
        aria-valuetext={`${share} % before, ${100 - share} % after`}
        onInput={({ currentTarget }) => setShare(Number(currentTarget.value))}
      />
      <img src={source(comparison.picture)} alt="What the camera saw" />
    </div>
  );
}
