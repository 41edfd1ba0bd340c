import { type FileHandle, open } from 'node:fs/promises';
import { MessageError } from '../../errors.js';
import type { RemoteFile } from '../../remote/remote-file.js';
import { shownUrl } from '../../remote/remote-url.js';

/** A file opened read-only, read by position: on disk, or at a URL. */
export class RandomAccessFile {
  readonly path: string;
  /** Size in bytes when it was opened. */
  readonly size: number;
  readonly #file: FileHandle | RemoteFile;
  #closed = false;

  private constructor(path: string, size: number, file: FileHandle | RemoteFile) {
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  static async open(path: string): Promise<RandomAccessFile> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (cause) {
      throw new MessageError(`cannot open \`${path}\`: ${(cause as Error).message}`, { cause });
    }
    return new RandomAccessFile(path, (await handle.stat()).size, handle);
  }

  /** Nothing is held open at a URL. */
  static remote(file: RemoteFile): RandomAccessFile {
    return new RandomAccessFile(shownUrl(file.url), file.size, file);
  }

  /** Bytes [offset, offset + length), fewer where the file ends; the buffer is fresh and never reused. */
  async read(offset: number, length: number): Promise<Buffer> {
    const file = this.#file;
    if ('url' in file) return await file.read(Math.max(0, offset), length);
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    let filled = 0;
    try {
      const buffer = Buffer.from(new ArrayBuffer(wanted));
      while (filled < wanted) {
        const { bytesRead } = await file.read(buffer, filled, wanted - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } catch (cause) {
      throw new MessageError(`cannot read \`${this.path}\` at byte ${offset}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!('url' in this.#file)) await this.#file.close();
  }
}
