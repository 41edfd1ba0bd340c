import { useEffect, useState } from 'preact/hooks';
import type { WireRun } from '../../page-protocol.js';
import type { Connection } from '../connection.js';
import { type PageState, type Store, useStore } from '../store.js';
import { Checks } from './checks.js';
import { Comparison } from './comparison.js';
import { useModelChange } from './model-change.js';

/** How often the page asks for the runs while they are seen, milliseconds. */
const ASK_MS = 4000;

const SIGNS: Readonly<Record<string, string>> = { promoted: '✓', rejected: '✗', refused: '✗' };

/** What goes on in adaptation, and what came of its runs: how each was judged, before and after, and the choice. */
export function Adaptations({
  store,
  connection,
}: {
  readonly store: Store<PageState>;
  readonly connection: Connection;
}) {
  const adaptation = useStore(store, (state) => state.adaptation);
  const runs = useStore(store, (state) => state.runs);
  const open = useStore(store, (state) => state.connection === 'open');
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  useEffect(() => {
    const ask = () => {
      if (!document.hidden) connection.send({ op: 'runs' });
    };
    ask();
    const timer = setInterval(ask, ASK_MS);
    return () => clearInterval(timer);
  }, [connection, open]);
  const run = runs?.find(({ id }) => id === chosen) ?? runs?.[0];
  return (
    <div class="models">
      {adaptation !== undefined && adaptation.state !== 'idle' && (
        <p class="adaptation" role="status">
          <b>Adaptation {adaptation.state}</b> ({Math.round(adaptation.elapsedS)} s) {adaptation.bag}
          {adaptation.progress !== null && (
            <progress value={adaptation.progress} aria-label="Progress of this phase" />
          )}
          <br />
          {adaptation.message}
        </p>
      )}
      {run === undefined ? (
        <p class="waiting">
          {runs === undefined
            ? 'Waiting for the runs of this machine'
            : 'No run of `rxdepth adapt` left its folder on this machine.'}
        </p>
      ) : (
        <>
          <label>
            Run{' '}
            <select value={run.id} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
              {runs?.map((one) => (
                <option key={one.id} value={one.id}>
                  {title(one)}
                </option>
              ))}
            </select>
          </label>
          <Run key={run.id} run={run} store={store} connection={connection} />
        </>
      )}
    </div>
  );
}

function title({ startedAt, outcome, version }: WireRun): string {
  const time = startedAt.replace('T', ' ').replace(/:\d\dZ$/, ' UTC');
  return `${time}: ${outcome ?? 'no result yet'}${version === undefined ? '' : `, ${version}`}`;
}

function Run({
  run,
  store,
  connection,
}: {
  readonly run: WireRun;
  readonly store: Store<PageState>;
  readonly connection: Connection;
}) {
  const { outcome, reasons, parent, version, steps, judge, pictures } = run;
  const models = useStore(store, (state) => state.models);
  const { ask, busy, mayChange, dialog, outcome: changed } = useModelChange(store, connection);
  const stored = models?.versions.find(({ id }) => id === version);
  return (
    <div class="run">
      {pictures > 0 && <Comparison run={run} store={store} connection={connection} />}
      <div>
        <p>
          <b>
            {SIGNS[outcome ?? ''] ?? '·'} {outcome ?? 'It runs, or was ended before it had a result.'}
          </b>
          {parent !== undefined && `, from ${parent}`}
          {steps !== undefined && `, ${steps} steps`}
        </p>
        {reasons.map((reason) => (
          <p key={reason} class="hint">
            {reason}
          </p>
        ))}
        {stored !== undefined && (
          <p>
            <button
              type="button"
              disabled={!mayChange || busy || stored.id === models?.running}
              onClick={() => ask({ op: 'use', version: stored.id })}
            >
              Use {stored.id}
            </button>{' '}
            <button type="button" disabled={!mayChange || busy} onClick={() => ask({ op: 'rollback' })}>
              Roll back
            </button>
          </p>
        )}
        {stored !== undefined && changed}
        {judge !== undefined && <Checks checks={judge.checks} />}
        {dialog}
      </div>
    </div>
  );
}
