import type { WireVersion } from '../../page-protocol.js';
import type { Connection } from '../connection.js';
import { type PageState, type Store, useStore } from '../store.js';
import { Checks } from './checks.js';
import { useModelChange } from './model-change.js';

/** The versions of the model, how each was judged, and the choice among them; nothing is changed without asking. */
export function Models({
  store,
  connection,
}: {
  readonly store: Store<PageState>;
  readonly connection: Connection;
}) {
  const models = useStore(store, (state) => state.models);
  const { ask, busy, mayChange, dialog, outcome } = useModelChange(store, connection);
  return (
    <div class="models">
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
          {outcome}
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
      {dialog}
    </div>
  );
}

function isChosen(
  { scope, running }: { readonly scope: 'machine' | 'node'; readonly running: string },
  version: WireVersion,
): boolean {
  return scope === 'machine' ? version.current : version.id === running;
}

function Verdict({ version: { judge } }: { readonly version: WireVersion }) {
  if (judge === undefined) return null;
  return (
    <details>
      <summary>
        judge: {judge.verdict}, {judge.checks.filter(({ answer }) => answer === 'passed').length} of{' '}
        {judge.checks.length} checks passed
      </summary>
      <Checks checks={judge.checks} />
    </details>
  );
}
