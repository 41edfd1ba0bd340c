import { NodeError } from '../../errors.js';

/** Says why a node cannot run: one line for what a user can mend, the stack of anything else. */
export function explainAndExit(error: unknown): never {
  const text =
    error instanceof NodeError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`rxdepth: ${text}\n`);
  process.exit(1);
}
