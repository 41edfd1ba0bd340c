import os from 'node:os';
import path from 'node:path';
import { ModelError } from './errors.js';

/**
 * Folder of everything that rxdepth learns on this machine: `$RXDEPTH_HOME`, else `rxdepth` in the XDG data folder
 * (`$XDG_DATA_HOME`, by default `~/.local/share`). It need not exist.
 * Source: XDG Base Directory Specification 0.8; relative paths in its variables are to be ignored.
 * @throws ModelError when `RXDEPTH_HOME` is not an absolute path, or where nothing names a folder.
 */
export function rxdepthHome(environment: Readonly<NodeJS.ProcessEnv> = process.env): string {
  const own = environment.RXDEPTH_HOME;
  if (own !== undefined && own !== '') {
    if (path.isAbsolute(own)) return path.normalize(own);
    throw new ModelError(`RXDEPTH_HOME: expected \`an absolute path\`, got ${own}.`);
  }
  const data = environment.XDG_DATA_HOME;
  const base =
    data !== undefined && path.isAbsolute(data) ? data : path.join(homeFolder(), '.local', 'share');
  return path.join(base, 'rxdepth');
}

function homeFolder(): string {
  try {
    return os.homedir();
  } catch (cause) {
    throw new ModelError('this user has no home folder: set RXDEPTH_HOME to where models may be kept.', {
      cause,
    });
  }
}
