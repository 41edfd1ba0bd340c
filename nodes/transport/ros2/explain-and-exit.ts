import { explainError } from '../../../models/explain-error.js';
import { NodeError } from '../../errors.js';

/** Says why a node cannot run: one line for what a user can mend, the stack of anything else. */
export function explainAndExit(error: unknown): never {
  process.stderr.write(`rxdepth: ${explainError(error, [NodeError])}\n`);
  process.exit(1);
}
