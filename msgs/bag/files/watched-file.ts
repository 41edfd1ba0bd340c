import { stat } from 'node:fs/promises';
import { FileGoneError } from '../../files/file-gone-error.js';

/** How long a file that was removed is written on before that is noticed, ms. */
const PERIOD_MS = 500;

/** Notices when a file that is being written is not at its place any more: the system itself writes on without a word. */
export class WatchedFile {
  readonly #path: string;
  readonly #identity: string | undefined;
  #lookedMs = performance.now();

  private constructor(path: string, identity: string | undefined) {
    this.#path = path;
    this.#identity = identity;
  }

  /** A file that was just created. What is no file of the disk is never missed. */
  static async of(path: string): Promise<WatchedFile> {
    return new WatchedFile(path, await identityOf(path));
  }

  /** Looks now and then. @throws FileGoneError when the file is gone, saying what became of what was written. */
  async look(): Promise<void> {
    const now = performance.now();
    if (now - this.#lookedMs < PERIOD_MS) return;
    this.#lookedMs = now;
    await this.require();
  }

  /** @throws FileGoneError as `look`. */
  async require(): Promise<void> {
    if (this.#identity === undefined || (await identityOf(this.#path)) === this.#identity) return;
    throw new FileGoneError(
      `\`${this.#path}\` is not there any more: it was removed, moved or replaced while it was written. ` +
        'If it was removed, all that was written is lost; if it was moved, it is there without `metadata.yaml`.',
      { file: this.#path },
    );
  }
}

async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}
