import type { WireVerdict } from '../../page-protocol.js';

const SIGNS: Readonly<Record<string, string>> = { passed: '✓', failed: '✗', open: '?' };

/** The questions of a judge with their answers: a sign and a word each, no colour alone. */
export function Checks({ checks }: Pick<WireVerdict, 'checks'>) {
  return (
    <ul class="checks">
      {checks.map(({ name, answer, finding }) => (
        <li key={name} class={answer}>
          <span aria-hidden="true">{SIGNS[answer] ?? '?'}</span>
          <span class="hidden">{answer}</span> <b>{name}</b> {finding}
        </li>
      ))}
    </ul>
  );
}
