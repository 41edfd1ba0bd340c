import { existsSync } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageError } from '../../errors.js';
import { checkFolderPlace } from '../../files/check-folder-place.js';
import { makeFolder } from '../../files/make-folder.js';
import { ProcessLock } from '../../files/process-lock.js';
import { quoteUntrusted } from '../../quote-untrusted.js';

/** Who writes into the folder; hidden, so that nothing takes it for a part of the bag. */
const LOCK = '.rxdepth.lock';
const METADATA = /^metadata\.yaml(\.tmp)?$/;
/** As `McapFileWriter` is told by `BagWriter`. */
export const BAG_LIBRARY = 'rxdepth';

/** The folder of a bag that is being written: this process alone writes into it until `release`. */
export class BagFolder {
  readonly #lock: ProcessLock;

  private constructor(lock: ProcessLock) {
    this.#lock = lock;
  }

  /**
   * Refuses what `open` would refuse, but for another writer, and changes nothing: before what takes long.
   * @throws MessageError saying what is in the way.
   */
  static async check(folder: string, overwrite: boolean): Promise<void> {
    await checkFolderPlace(folder);
    if (existsSync(folder)) await contentOf(folder, overwrite);
  }

  /**
   * Makes `folder` an empty folder that is held. A folder with content is refused, unless `overwrite` is set and nothing but
   * a bag that this project wrote is in it. Then the bag's files are deleted.
   * @throws MessageError saying what is in the way; LockedError while another process, or another writer, is at work there.
   * The lock of a process that was killed counts for nothing.
   */
  static async open(folder: string, overwrite: boolean): Promise<BagFolder> {
    await makeFolder(folder).catch((cause: Error) => {
      throw new MessageError(`cannot make the bag folder \`${folder}\`: ${cause.message}`, { cause });
    });
    // Nothing, a lock neither, is put into a folder that is not ours; who is at work in one that is says more than its files.
    if (!(await list(folder)).includes(LOCK)) await contentOf(folder, overwrite);
    const lock = await acquire(folder);
    try {
      for (const name of await contentOf(folder, overwrite)) await rm(join(folder, name));
    } catch (cause) {
      await lock.release();
      if (cause instanceof MessageError) throw cause;
      const reason = (cause as Error).message;
      throw new MessageError(`cannot delete the old bag in \`${folder}\`: ${reason}`, { cause });
    }
    return new BagFolder(lock);
  }

  async release(): Promise<void> {
    await this.#lock.release();
  }
}

async function acquire(folder: string): Promise<ProcessLock> {
  try {
    return await ProcessLock.acquire(join(folder, LOCK), { waitMs: 0, what: `the bag \`${folder}\`` });
  } catch (cause) {
    if (cause instanceof MessageError) throw cause;
    throw new MessageError(`cannot write into \`${folder}\`: ${(cause as Error).message}`, { cause });
  }
}

/** What may be deleted from the folder. @throws MessageError when there is anything that may not. */
async function contentOf(folder: string, overwrite: boolean): Promise<string[]> {
  const names = (await list(folder)).filter((name) => name !== LOCK && !name.startsWith(`${LOCK}.`));
  if (names.length === 0) return [];
  if (!overwrite) {
    throw new MessageError(
      `the folder \`${folder}\` is not empty: choose another one, or allow to overwrite it (--overwrite)`,
      { file: folder },
    );
  }
  for (const name of names) {
    const why = await foreignness(join(folder, name), name);
    if (why === undefined) continue;
    throw new MessageError(
      `\`${folder}\` is not overwritten: \`${quoteUntrusted(name)}\` in it ${why}; choose another folder or move it away`,
      { file: folder },
    );
  }
  return names;
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new MessageError(`cannot list the folder \`${folder}\`: ${(cause as Error).message}`, { cause });
  }
}

/** Why a file is none of a bag that this project wrote; undefined when it is one. */
async function foreignness(file: string, name: string): Promise<string | undefined> {
  if (!METADATA.test(name) && !name.endsWith('.mcap')) return 'is not part of a bag that rxdepth writes';
  const found = await lstat(file);
  if (!found.isFile()) return 'is no regular file';
  if (METADATA.test(name) || found.size === 0) return undefined;
  return (await libraryOf(file)) === BAG_LIBRARY ? undefined : 'was not recorded by rxdepth';
}

/** Who wrote an MCAP file. Source: MCAP specification, Header: magic, opcode 1, length, profile, library. */
async function libraryOf(file: string): Promise<string | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    const head = buffer.subarray(0, bytesRead);
    const profileBytes = head.readUInt32LE(17);
    const at = 21 + profileBytes;
    return head.toString('utf8', at + 4, at + 4 + head.readUInt32LE(at));
  } catch {
    return undefined; // shorter than a header, or not to be read
  } finally {
    await handle?.close();
  }
}
