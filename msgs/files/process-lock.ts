import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { LockedError } from './locked-error.js';
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.js';

/** A lock of another machine (a shared disk) or container is taken to be dead after this long without a sign of life. */
const FOREIGN_SILENCE_MS = 10 * 60_000;
const SIGN_OF_LIFE_MS = 60_000;
const RETRY_MS = 20;

export interface LockOptions {
  /** How long to wait for another holder; 0 refuses at once. */
  readonly waitMs: number;
  /** What the lock protects, for the message: `the model versions in /home/...`. */
  readonly what: string;
}

/**
 * Only one process at a time holds the lock of a file name. It is let go with `release`, or by the death of its process.
 * Whoever comes next finds that the holder is gone and takes the lock away.
 *
 * The lock keeps work apart. That nothing breaks when it is lost does not rest on it, since every change behind it is a
 * single rename.
 */
export class ProcessLock {
  readonly #file: string;
  readonly #content: string;
  readonly #heart: NodeJS.Timeout;

  private constructor(file: string, content: string) {
    this.#file = file;
    this.#content = content;
    const beat = async () => {
      const now = new Date();
      await utimes(file, now, now).catch(() => undefined); // a sign only
    };
    this.#heart = setInterval(() => void beat(), SIGN_OF_LIFE_MS);
    this.#heart.unref();
  }

  /** @throws LockedError naming the holder when it does not let go in time. */
  static async acquire(file: string, { waitMs, what }: LockOptions): Promise<ProcessLock> {
    const content = `${JSON.stringify({ ...ownIdentity(), token: randomBytes(8).toString('hex') })}\n`;
    const began = performance.now();
    for (;;) {
      if (await createWhole(file, content)) return new ProcessLock(file, content);
      const holder = await removeDead(file);
      if (holder !== undefined && performance.now() - began >= waitMs) {
        throw new LockedError(
          `${what}: process ${holder.pid} on ${holder.host} is at work there (${file}); ` +
            'wait until it is done, or end it.',
        );
      }
      if (holder !== undefined) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async release(): Promise<void> {
    clearInterval(this.#heart);
    // Not one that somebody else has taken since.
    if ((await contentOf(this.#file)) === this.#content) await rm(this.#file, { force: true });
  }
}

/** Creates the file with its content at once, unless it is there. */
async function createWhole(file: string, content: string): Promise<boolean> {
  const own = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(own, content, { flag: 'wx' });
  try {
    await link(own, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENOENT: somebody tidied up.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    if (code === undefined || !NO_LINKS.has(code)) throw error;
    return await createDirectly(file, content);
  } finally {
    await rm(own, { force: true });
  }
}

/** What file systems without hard links say (exFAT, some network disks). */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Where there are no hard links the content comes a moment after the name. */
async function createDirectly(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The living holder; undefined when there is none any more. */
async function removeDead(file: string): Promise<ProcessIdentity | undefined> {
  const content = await contentOf(file);
  if (content === undefined) return undefined;
  const holder = parse(content);
  if (holder !== undefined && (isAlive(holder) ?? (await isRecent(file)))) return holder;
  const aside = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // Somebody may have been quicker, and this is a living one's lock: it goes back.
  if ((await contentOf(aside)) !== content) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
  return undefined;
}

function parse(content: string): ProcessIdentity | undefined {
  try {
    const holder = JSON.parse(content) as ProcessIdentity;
    return Number.isInteger(holder.pid) && typeof holder.host === 'string' ? holder : undefined;
  } catch {
    return undefined;
  }
}

async function isRecent(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < FOREIGN_SILENCE_MS;
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
