import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DiskPace } from './disk-pace.js';

/** A file that only grows, except for `dropTail` after a failed append. */
export interface AppendableFile {
  /** Path of the file. */
  readonly path: string;
  /** Number of bytes that were appended completely. */
  readonly position: number;
  /** Writes all parts in order. After a failure `position` is unchanged, and the file may hold a torn tail behind it. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Cuts the file back to `position`. */
  dropTail(): Promise<void>;
  /** Closes the file. */
  close(): Promise<void>;
}

/** What direct writes must begin at and be a multiple of, on disks of either sector size. */
const PAGE_BYTES = 4096;
/** The messages of a frame go to the disk at once; of cameras of more pixels, in few writes. */
const BUFFER_BYTES = 8 << 20;
const WASM_PAGE_BYTES = 64 << 10;

/** Part of the language's environment in Node, but of TypeScript's types for browsers only. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number }) => { readonly buffer: ArrayBuffer };
};

/**
 * Creates the file on disk; fails if it exists.
 *
 * If the file system can, bytes go to the disk past the page cache (O_DIRECT), because nobody reads a recording soon. Through
 * the cache, the kernel takes ten times the processor time to find, fill and later evict a page for every 4 KiB.
 */
export async function createAppendableFile(path: string): Promise<AppendableFile> {
  const created = await open(path, 'wx');
  const direct = await openDirect(path);
  if (direct === undefined) return new DiskFile(path, created, false);
  await created.close();
  return new DiskFile(path, direct, true);
}

class DiskFile implements AppendableFile {
  readonly path: string;
  #handle: FileHandle;
  #isDirect: boolean;
  #position = 0;
  /** Direct writes need memory that begins at a page: that of WebAssembly does, an ArrayBuffer's does not. */
  readonly #buffer = new Uint8Array(
    new WebAssembly.Memory({ initial: BUFFER_BYTES / WASM_PAGE_BYTES }).buffer,
  );
  /** The bytes of the last page that is not full yet: it is written with zeros behind them, and again when it grows. */
  readonly #lastPage = new Uint8Array(PAGE_BYTES);
  readonly #pace = new DiskPace(performance.now());

  constructor(path: string, handle: FileHandle, isDirect: boolean) {
    this.path = path;
    this.#handle = handle;
    this.#isDirect = isDirect;
  }

  get position(): number {
    return this.#position;
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    let filled = this.#position % PAGE_BYTES;
    let at = this.#position - filled;
    this.#buffer.set(this.#lastPage.subarray(0, filled));
    for (const part of parts) {
      for (let taken = 0; taken < part.length; ) {
        const piece = part.subarray(taken, taken + BUFFER_BYTES - filled);
        this.#buffer.set(piece, filled);
        taken += piece.length;
        filled += piece.length;
        if (filled < BUFFER_BYTES) continue;
        await this.#write(BUFFER_BYTES, at);
        at += BUFFER_BYTES;
        filled = 0;
      }
    }
    const whole = filled - (filled % PAGE_BYTES);
    if (filled > whole) this.#buffer.fill(0, filled, whole + PAGE_BYTES);
    if (filled > 0) await this.#write(filled > whole ? whole + PAGE_BYTES : whole, at);
    this.#lastPage.set(this.#buffer.subarray(whole, filled));
    this.#position = at + filled;
  }

  async dropTail(): Promise<void> {
    await this.#handle.truncate(this.#position);
  }

  async close(): Promise<void> {
    try {
      await this.dropTail(); // the zeros behind the last page
    } finally {
      await this.#handle.close();
    }
  }

  /** Writes the first `length` bytes of the buffer, whole pages, to `at`. */
  async #write(length: number, at: number): Promise<void> {
    const beganMs = performance.now();
    for (let done = 0; done < length; ) done += await this.#writeSome(done, length - done, at + done);
    const endMs = performance.now();
    // A disk that is slower than what is written is waited for: the page cache takes bursts, and writes behind.
    const isSlow = this.#pace.wrote(length, endMs - beganMs, endMs);
    if (this.#isDirect && isSlow) await this.#throughTheCache();
  }

  /** @returns how many bytes were written, perhaps none. */
  async #writeSome(from: number, length: number, at: number): Promise<number> {
    try {
      const { bytesWritten } = await this.#handle.write(this.#buffer, from, length, at);
      if (!this.#isDirect || bytesWritten === length) return bytesWritten;
    } catch (error) {
      // Of file systems that open a file for direct writes and then refuse them.
      if (!this.#isDirect || (error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
    }
    // Nor can it go on from within a page, where a disk that gets full may have ended the write.
    await this.#throughTheCache();
    return 0;
  }

  async #throughTheCache(): Promise<void> {
    const handle = await open(this.path, 'r+');
    await this.#handle.close();
    this.#handle = handle;
    this.#isDirect = false;
  }
}

/** The existing file for direct writes; undefined where system or file system have none. */
async function openDirect(path: string): Promise<FileHandle | undefined> {
  // Node leaves the constant out on systems without it.
  const flag: number | undefined = constants.O_DIRECT;
  if (flag === undefined) return undefined;
  return await open(path, constants.O_WRONLY | flag).catch(() => undefined);
}
