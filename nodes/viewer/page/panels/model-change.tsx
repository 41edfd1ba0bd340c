import { useRef, useState } from 'preact/hooks';
import type { Connection } from '../connection.js';
import { type PageState, type Store, useStore } from '../store.js';

type Change = { readonly op: 'use'; readonly version: string } | { readonly op: 'rollback' };

/** Changes of the model from a panel: nothing is changed without asking. `dialog` and `outcome` are to be drawn in it. */
export function useModelChange(store: Store<PageState>, connection: Connection) {
  const models = useStore(store, (state) => state.models);
  const mayChange = useStore(store, ({ hello }) => hello?.mayChange ?? false);
  const dialogRef = useRef<HTMLDialogElement>(null);
  const [asked, setAsked] = useState<Change | undefined>(undefined);
  const [answer, setAnswer] = useState<{ readonly ok: boolean; readonly message: string } | undefined>(
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
    setAnswer(await connection.change(asked));
    setBusy(false);
  };
  const current = models?.versions.find((version) => version.current);
  const dialog = (
    <dialog ref={dialogRef} aria-labelledby="change-question">
      <p id="change-question">{asked !== undefined && question(asked, models?.scope, current?.id)}</p>
      <form method="dialog">
        <button type="submit">Cancel</button>
        <button type="button" class="primary" onClick={() => void change()}>
          {asked?.op === 'use' ? 'Use it' : 'Roll back'}
        </button>
      </form>
    </dialog>
  );
  const outcome = (
    <>
      {!mayChange && (
        <p class="hint">To change the model, open the address that was printed: it has the token.</p>
      )}
      {answer !== undefined && (
        <p role="status" class={answer.ok ? 'outcome' : 'outcome wrong'}>
          {answer.ok ? '✓' : '✗'} {answer.message}
        </p>
      )}
    </>
  );
  return { ask, busy, mayChange, dialog, outcome };
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
