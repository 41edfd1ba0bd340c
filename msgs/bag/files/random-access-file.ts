import { type FileHandle, open } from 'node:fs/promises';
import { MessageError } from '../../errors.js';

/** A file opened read-only, read by position. */
export class RandomAccessFile {
  readonly path: string;
  /** Size in bytes when it was opened. */
  readonly size: number;
  readonly #handle: FileHandle;
  #closed = false;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
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

  /** Bytes [offset, offset + length), fewer where the file ends; the buffer is fresh and never reused. */
  async read(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    let filled = 0;
    try {
      const buffer = Buffer.from(new ArrayBuffer(wanted));
      while (filled < wanted) {
        const { bytesRead } = await this.#handle.read(buffer, filled, wanted - filled, offset + filled);
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
    await this.#handle.close();
  }
}
