import { type FileHandle, open } from 'node:fs/promises';

/** A file that only grows, but for `truncate` after a failed append. */
export interface AppendableFile {
  readonly path: string;
  /** Bytes that were appended completely. */
  readonly position: number;
  /** Writes all parts in order; on failure `position` stays, and the file may hold a torn tail after it. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Cuts the file back to `position`. */
  dropTail(): Promise<void>;
  close(): Promise<void>;
}

/** Creates the file on disk; fails if it exists. */
export async function createAppendableFile(path: string): Promise<AppendableFile> {
  return new DiskFile(path, await open(path, 'wx'));
}

class DiskFile implements AppendableFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #position = 0;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  get position(): number {
    return this.#position;
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    let rest = [...parts];
    let at = this.#position;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest, at);
      at += bytesWritten;
      rest = dropBytes(rest, bytesWritten);
    }
    this.#position = at;
  }

  async dropTail(): Promise<void> {
    await this.#handle.truncate(this.#position);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** What is left of `parts` after a write that took only `count` bytes. */
function dropBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let taken = count;
  for (const part of parts) {
    if (taken >= part.length) taken -= part.length;
    else {
      rest.push(taken > 0 ? part.subarray(taken) : part);
      taken = 0;
    }
  }
  return rest;
}
