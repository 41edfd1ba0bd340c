import { useEffect, useRef } from 'preact/hooks';

const KEYS: readonly (readonly [key: string, does: string])[] = [
  ['space', 'play, pause'],
  ['.', 'next frame'],
  ['← →', 'half a second back, on; with shift, five seconds'],
  ['Home, End', 'to the beginning, to the end'],
  ['1 to 7', 'one panel alone; Esc: all of them'],
  ['t', 'dark, light, or as the system has it'],
  ['arrows, on the cloud', 'turn it, come nearer'],
  ['?', 'this list'],
];

/** The button that tells what keys do. */
export function Keys() {
  const dialogRef = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const pressed = ({ key, target }: KeyboardEvent) => {
      if (key !== '?' || (target instanceof HTMLElement && target.closest('dialog[open]'))) return;
      dialogRef.current?.showModal();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  return (
    <>
      <button type="button" onClick={() => dialogRef.current?.showModal()} title="What keys do (?)">
        ?<span class="hidden">Keys</span>
      </button>
      <dialog ref={dialogRef} aria-label="What keys do">
        <dl class="keys">
          {KEYS.map(([key, does]) => (
            <>
              <dt>{key}</dt>
              <dd>{does}</dd>
            </>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  );
}
