import { stat } from 'node:fs/promises';
import { MessageError } from '../../errors.js';
import { RandomAccessFile } from '../files/random-access-file.js';
import { readWal } from './sqlite-wal.js';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
/** Pages are read and cached in blocks of this size: neighbours are mostly needed next. */
const BLOCK_BYTES = 64 << 10;
const CACHED_BLOCKS = 32;

/**
 * The pages of an SQLite database, read-only and without locks, from any medium: what the write-ahead log beside it
 * holds replaces the file's own pages. Source: https://www.sqlite.org/fileformat2.html
 */
export class SqlitePages {
  readonly path: string;
  readonly pageSize: number;
  /** Bytes of a page that hold data; the rest is reserved for extensions. */
  readonly usableSize: number;
  /** The highest page that the file or its log holds. */
  readonly pageCount: number;
  /** Bytes of the pages that are there: no row is longer, and no honest table. */
  readonly storedBytes: number;
  /** Pages that the header claims: more than there are if the file is cut off. */
  readonly claimedPages: number;
  readonly #file: RandomAccessFile;
  readonly #wal: RandomAccessFile | undefined;
  readonly #ownPages: number;
  readonly #walOffsets: ReadonlyMap<number, number>;
  readonly #blocks = new Map<number, Promise<Buffer>>();
  readonly #blockBytes: number;

  private constructor(
    file: RandomAccessFile,
    header: Buffer,
    wal: RandomAccessFile | undefined,
    log: Awaited<ReturnType<typeof readWal>>,
  ) {
    this.path = file.path;
    this.pageSize = pageSizeOf(header);
    this.usableSize = this.pageSize - header.readUInt8(20);
    const ownPages = Math.floor(file.size / this.pageSize);
    this.#walOffsets = log?.pageOffsets ?? new Map();
    // What a log claims is no reason to look for pages that nothing holds.
    this.pageCount = [...this.#walOffsets.keys()].reduce((most, page) => Math.max(most, page), ownPages);
    this.storedBytes = file.size + this.#walOffsets.size * this.pageSize;
    this.#ownPages = ownPages;
    this.claimedPages = log?.pageCount ?? header.readUInt32BE(28);
    this.#file = file;
    this.#wal = wal;
    this.#blockBytes = Math.max(BLOCK_BYTES, this.pageSize);
  }

  /** Throws MessageError if the file is no SQLite database. */
  static async open(path: string): Promise<SqlitePages> {
    const file = await RandomAccessFile.open(path);
    let wal: RandomAccessFile | undefined;
    try {
      const header = await file.read(0, HEADER_BYTES);
      if (header.length < HEADER_BYTES || header.toString('latin1', 0, 16) !== MAGIC) {
        throw new MessageError(
          `\`${path}\` is no SQLite file: expected it to start with \`SQLite format 3\`, got \`${header.toString('hex', 0, 16)}\``,
          { file: path },
        );
      }
      const size = pageSizeOf(header);
      if (size < 512 || size > 65536 || (size & (size - 1)) !== 0) {
        throw new MessageError(
          `\`${path}\`: expected a page size of \`512..65536\`, got ${size}: the header is damaged`,
          { file: path },
        );
      }
      const walPath = `${path}-wal`;
      if (
        await stat(walPath).then(
          ({ size: bytes }) => bytes > 0,
          () => false,
        )
      ) {
        wal = await RandomAccessFile.open(walPath);
      }
      return new SqlitePages(file, header, wal, wal && (await readWal(wal, size)));
    } catch (error) {
      await file.close();
      await wal?.close();
      throw error;
    }
  }

  /** Whether the file or its log holds the page. */
  has(number: number): boolean {
    return (number >= 1 && number <= this.#ownPages) || this.#walOffsets.has(number);
  }

  /** Numbers of all pages that are there, those of the file first. */
  *numbers(): Generator<number> {
    for (let number = 1; number <= this.#ownPages; number++) yield number;
    for (const number of this.#walOffsets.keys()) if (number > this.#ownPages) yield number;
  }

  /** Page `number` (from 1), or undefined where the file does not reach that far or cannot be read. */
  async page(number: number): Promise<Buffer | undefined> {
    if (!this.has(number)) return undefined;
    try {
      return await this.#read(number);
    } catch {
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
    await this.#wal?.close();
  }

  async #read(number: number): Promise<Buffer | undefined> {
    const walOffset = this.#walOffsets.get(number);
    if (walOffset !== undefined && this.#wal) return await this.#wal.read(walOffset, this.pageSize);
    const offset = (number - 1) * this.pageSize;
    const index = Math.floor(offset / this.#blockBytes);
    const block = await this.#block(index);
    const from = offset - index * this.#blockBytes;
    return from + this.pageSize <= block.length ? block.subarray(from, from + this.pageSize) : undefined;
  }

  async #block(index: number): Promise<Buffer> {
    const cached = this.#blocks.get(index);
    const block = cached ?? this.#file.read(index * this.#blockBytes, this.#blockBytes);
    this.#blocks.delete(index); // to the end: the map's order is that of use
    this.#blocks.set(index, block);
    if (this.#blocks.size > CACHED_BLOCKS) {
      for (const oldest of this.#blocks.keys()) {
        this.#blocks.delete(oldest);
        break;
      }
    }
    return await block;
  }
}

function pageSizeOf(header: Buffer): number {
  const size = header.readUInt16BE(16);
  return size === 1 ? 65536 : size;
}
