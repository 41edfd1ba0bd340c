import os from 'node:os';
import { MessageError } from '../msgs/errors.js';
import { ModelError } from './errors.js';
import { areTooFewFiles, tooManyFiles } from './open-files.js';

/** Longest message that is shown, characters; reports of imports are the longest. */
const LONGEST = 20_000;

/** The base of errors that say what to do. */
type KnownError = abstract new (...args: never[]) => Error;

/**
 * What a user is told of an error. It says what to do about one that can happen, a stack for one that is a fault of this
 * project.
 * @param known bases of errors that say what to do, beside those of `msgs/` and `models/`.
 */
export function explainError(error: unknown, known: readonly KnownError[]): string {
  const explained = explanation(error, [MessageError, ModelError, ...known]);
  if (explained !== undefined) return bounded(explained);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return bounded(`this is a fault of rxdepth, please report it with what led to it:\n${stack}`);
}

function explanation(error: unknown, known: readonly KnownError[]): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (known.some((base) => error instanceof base)) return error.message;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'EMFILE' || code === 'ENFILE' || (code === 'ERR_MODULE_NOT_FOUND' && areTooFewFiles()))
    return tooManyFiles();
  if (code === 'ENOENT' && path?.startsWith(`${os.tmpdir()}/`) === true) {
    return `${error.message}: is the folder for temporary files there, ${os.tmpdir()}? TMPDIR names another one.`;
  }
  // What the system refuses: names, permissions, space.
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) ? `${error.message}${hint(code)}` : undefined;
}

function hint(code: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return ': the disk is full';
    case 'EACCES':
    case 'EPERM':
      return ': there is no permission to do that';
    case 'EROFS':
      return ': the file system is read-only';
    default:
      return '';
  }
}

function bounded(text: string): string {
  if (text.length <= LONGEST) return text;
  const half = LONGEST / 2;
  return `${text.slice(0, half)}\n... (${text.length - LONGEST} characters more) ...\n${text.slice(-half)}`;
}
