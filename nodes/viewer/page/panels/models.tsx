import { useRef, useState } from 'preact/hooks';
import type { WireVersion } from '../../page-protocol.js';
import type { Connection } from '../connection.js';
import { type PageState, type Store, useStore } from '../store.js';

type Change = { readonly op: 'use'; readonly version: string } | { readonly op: 'rollback' };

const SIGNS: Readonly<Record<string, string>> = { passed: '✓', failed: '✗', open: '?' };

/** The versions of the model, how each was judged, and the choice among them; nothing is changed without asking. */
export function Models({
  store,
  connection,
}: {
  readonly store: Store<PageState>;
  readonly connection: Connection;
}) {
  const models = useStore(store, (state) => state.models);
  const adaptation = useStore(store, (state) => state.adaptation);
  const mayChange = useStore(store, ({ hello }) => hello?.mayChange ?? false);
  const dialogRef = useRef<HTMLDialogElement>(null);
  const [asked, setAsked] = useState<Change | undefined>(undefined);
  const [outcome, setOutcome] = useState<{ readonly ok: boolean; readonly message: string } | undefined>(
    undefined,
  );
  const [busy, setBusy] = useState(false);

  const ask = (change: Change) => {
    setAsked(change);
    dialogRef.current?.showModal();
  };
  const change = async () => {
    dialogRef.current?.close();
    if (asked === undefined) return;
    setBusy(true);
    setOutcome(await connection.change(asked));
    setBusy(false);
  };
  const current = models?.versions.find((version) => version.current);
  return (
    <div class="models">
      {adaptation !== undefined && adaptation.state !== 'idle' && (
        <p class="adaptation" role="status">
          <b>Adaptation {adaptation.state}</b> ({Math.round(adaptation.elapsedS)} s) {adaptation.bag}
          <br />
          {adaptation.message}
        </p>
      )}
      {models === undefined ? (
        <p class="waiting">No model runs here: what is shown was computed before.</p>
      ) : (
        <>
          <p>
            {models.running === '' ? 'No model runs.' : <b>{models.running}</b>}
            {models.running !== '' && ' runs.'}{' '}
            {models.follows !== undefined &&
              (models.follows
                ? 'It is replaced as soon as another version becomes current. '
                : 'It stays when another version becomes current. ')}
            <button type="button" disabled={!mayChange || busy} onClick={() => ask({ op: 'rollback' })}>
              Roll back
            </button>
          </p>
          {!mayChange && (
            <p class="hint">To change the model, open the address that was printed: it has the token.</p>
          )}
          {outcome !== undefined && (
            <p role="status" class={outcome.ok ? 'outcome' : 'outcome wrong'}>
              {outcome.ok ? '✓' : '✗'} {outcome.message}
            </p>
          )}
          <ul class="versions">
            {models.versions.map((version) => (
              <li key={version.id} class={version.current ? 'current' : ''}>
                <span class="version">
                  <b>{version.id}</b> {version.current && <em>current</em>}{' '}
                  {version.id === models.running && <em>runs</em>}
                  <small>
                    {version.shipped ? 'comes with rxdepth' : `from ${version.parent ?? 'nowhere'}`},{' '}
                    {version.method}, {version.createdAt.slice(0, 10)}
                  </small>
                </span>
                <button
                  type="button"
                  disabled={!mayChange || busy || isChosen(models, version)}
                  onClick={() => ask({ op: 'use', version: version.id })}
                >
                  Use
                </button>
                <Verdict version={version} />
              </li>
            ))}
          </ul>
          {models.problems.map((problem) => (
            <p class="hint" key={problem}>
              Not a version: {problem}
            </p>
          ))}
        </>
      )}
      <dialog ref={dialogRef} aria-labelledby="change-question">
        <p id="change-question">{asked !== undefined && question(asked, models?.scope, current?.id)}</p>
        <form method="dialog">
          <button type="submit">Cancel</button>
          <button type="button" class="primary" onClick={() => void change()}>
            {asked?.op === 'use' ? 'Use it' : 'Roll back'}
          </button>
        </form>
      </dialog>
    </div>
  );
}

function isChosen(
  { scope, running }: { readonly scope: 'machine' | 'node'; readonly running: string },
  version: WireVersion,
): boolean {
  return scope === 'machine' ? version.current : version.id === running;
}

/** What a change does, and to whom. */
function question(
  asked: Change,
  scope: 'machine' | 'node' | undefined,
  current = 'the current model',
): string {
  const back = `Go back from ${current} to the version before it? Everything on this machine that follows the current model takes it`;
  if (asked.op === 'rollback') return scope === 'node' ? `${back}; this node loads it.` : `${back}.`;
  return scope === 'node'
    ? `Load ${asked.version} into this node? The current version of the machine stays ${current}.`
    : `Make ${asked.version} the current model? Everything on this machine that follows the current model takes it.`;
}

function Verdict({ version: { judge } }: { readonly version: WireVersion }) {
  if (judge === undefined) return null;
  return (
    <details>
      <summary>
        judge: {judge.verdict}, {judge.checks.filter(({ answer }) => answer === 'passed').length} of{' '}
        {judge.checks.length} checks passed
      </summary>
      <ul class="checks">
        {judge.checks.map(({ name, answer, finding }) => (
          <li key={name} class={answer}>
            <span aria-hidden="true">{SIGNS[answer] ?? '?'}</span>
            <span class="hidden">{answer}</span> <b>{name}</b> {finding}
          </li>
        ))}
      </ul>
    </details>
  );
}
