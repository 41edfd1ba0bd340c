import { readFileSync } from 'node:fs';
import { ModelError } from './errors.js';

/** Files that a command may have open at once, with all its workers and libraries, and some to spare. */
const FILES_NEEDED = 256;

/**
 * Refuses to begin where too few files may be open at once. Libraries that cannot open their own files fail later, each with
 * another misleading reason.
 * @throws ModelError
 */
export function checkOpenFiles(): void {
  if (areTooFewFiles()) throw new ModelError(tooManyFiles());
}

/** Whether fewer files may be open at once than a command needs. */
export function areTooFewFiles(): boolean {
  const most = mostOpenFiles();
  return most !== undefined && most < FILES_NEEDED;
}

/** Says that too many files are open, and what to do. */
export function tooManyFiles(): string {
  const most = mostOpenFiles();
  const limit = most === undefined ? 'as many files at once as it needs' : `more than ${most} files at once`;
  return (
    `this process may not open ${limit}; expected at least \`${FILES_NEEDED}\`. ` +
    'Raise the limit, for example with `ulimit -n 4096`.'
  );
}

/** The limit of this process; undefined where the system does not tell, or where there is none. */
function mostOpenFiles(): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
