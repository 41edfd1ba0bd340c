import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageError } from '../errors.js';
import { downloadObject } from '../remote/download-object.js';
import { remoteName, shownUrl } from '../remote/remote-url.js';
import { BagAround } from './bag-around.js';
import type { BagMessage, BagReader, MessagesOptions } from './bag-reader.js';
import type { ProblemLog } from './problem-log.js';

/**
 * A bag file at a URL, downloaded into a temporary file as a whole: what cannot be read in parts. The file is deleted as soon
 * as it is open (its space is freed with `close`), so that nothing stays behind however the process ends.
 */
export class DownloadedBag extends BagAround {
  readonly #url: string;

  private constructor(url: string, bag: BagReader, log: ProblemLog) {
    super(bag, log);
    this.#url = url;
  }

  /** `openCopy` opens the temporary file. Needs its size in free space under the temporary folder (`TMPDIR`). */
  static async open(
    url: string,
    log: ProblemLog,
    openCopy: (path: string, log: ProblemLog) => Promise<BagReader>,
  ): Promise<{ readonly bag: DownloadedBag; readonly storedBytes: number }> {
    const shown = shownUrl(url);
    const folder = await mkdtemp(join(tmpdir(), 'rxdepth-bag-'));
    const copy = join(folder, remoteName(url));
    try {
      await downloadObject(url, copy);
      const bag = new DownloadedBag(shown, await openCopy(copy, log.forCopyOf(shown)), log);
      return { bag, storedBytes: (await stat(copy)).size };
    } catch (cause) {
      const { message } = cause as Error;
      if (cause instanceof MessageError)
        throw new MessageError(message.replaceAll(copy, shown), { file: shown, cause });
      throw new MessageError(`cannot download \`${shown}\` into \`${folder}\` (TMPDIR): ${message}`, {
        cause,
      });
    } finally {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  override get path(): string {
    return this.#url;
  }

  async *messages(options?: MessagesOptions): AsyncGenerator<BagMessage> {
    yield* this.bag.messages(options);
  }
}
