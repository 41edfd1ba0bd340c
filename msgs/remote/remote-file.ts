import { MessageError } from '../errors.js';
import { shownUrl } from './remote-url.js';
import { requestObject } from './request-object.js';

/** What is fetched at once, bytes, and how many such blocks are kept. */
const BLOCK_BYTES = 1 << 20;
const MOST_BLOCKS = 24;
/** Blocks that are fetched beside the next one when reading goes straight on. */
const AHEAD = 3;

/** A file at a URL, of which only the parts that are read are fetched (range requests). */
export class RemoteFile {
  readonly url: string;
  /** Bytes when it was opened. */
  readonly size: number;
  /** ETag of the content, if the server gives one; later reads insist on it. */
  readonly etag: string | undefined;
  readonly #blocks = new Map<number, Promise<Buffer>>();
  #lastBlock = -1;
  /** Bytes that came over the network. */
  fetched = 0;

  private constructor(url: string, size: number, etag: string | undefined) {
    this.url = url;
    this.size = size;
    this.etag = etag;
  }

  /**
   * Asks for the size.
   * @returns undefined where the server does not serve parts of files.
   * @throws MessageError when there is no such file, or it may not be read.
   */
  static async open(url: string): Promise<RemoteFile | undefined> {
    const response = await requestObject(url, { headers: { range: 'bytes=0-0' }, answers: [416] });
    const etag = response.headers.get('etag') ?? undefined;
    const [, total] = /^bytes (?:\d+-\d+|\*)\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    const { status } = response;
    await response.body?.cancel();
    if (status === 206 && total !== undefined) return new RemoteFile(url, Number(total), etag);
    // Nothing can be a part of an empty file.
    if (status === 416) return new RemoteFile(url, Number(total ?? 0), etag);
    return undefined;
  }

  /** Bytes [offset, offset + length), fewer where the file ends; the buffer is fresh. */
  async read(offset: number, length: number): Promise<Buffer> {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return Buffer.alloc(0);
    const first = Math.floor(offset / BLOCK_BYTES);
    const last = Math.floor((end - 1) / BLOCK_BYTES);
    if (first === this.#lastBlock || first === this.#lastBlock + 1)
      for (let i = last + 1; i <= last + AHEAD; i++) this.#prefetch(i);
    this.#lastBlock = last;
    const result = Buffer.from(new ArrayBuffer(end - offset));
    const blocks = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    // A long read is fetched piece by piece: it need not fit among the blocks.
    for (let at = 0; at < blocks.length; at += 1 + AHEAD) {
      const group = blocks.slice(at, at + 1 + AHEAD);
      const contents = await Promise.all(group.map((block) => this.#block(block)));
      for (const [i, block] of group.entries()) {
        const from = block * BLOCK_BYTES;
        (contents[i] as Buffer).copy(
          result,
          Math.max(0, from - offset),
          Math.max(0, offset - from),
          end - from,
        );
      }
    }
    return result;
  }

  #prefetch(block: number): void {
    // Its failure is told when it is read.
    if (block * BLOCK_BYTES < this.size) void this.#block(block).catch(() => undefined);
  }

  #block(block: number): Promise<Buffer> {
    const known = this.#blocks.get(block);
    this.#blocks.delete(block);
    const content = known ?? this.#fetch(block);
    this.#blocks.set(block, content);
    if (known === undefined) content.catch(() => this.#blocks.delete(block));
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= MOST_BLOCKS) break;
      this.#blocks.delete(oldest);
    }
    return content;
  }

  async #fetch(block: number): Promise<Buffer> {
    const from = block * BLOCK_BYTES;
    const to = Math.min(from + BLOCK_BYTES, this.size);
    const headers = {
      range: `bytes=${from}-${to - 1}`,
      ...(this.etag !== undefined && !this.etag.startsWith('W/') && { 'if-match': this.etag }),
    };
    const content = await wholeBody(this.url, headers, to - from);
    this.fetched += content.length;
    return content;
  }
}

/** Connections also break within an answer: then it is asked for again. */
const BODY_RETRIES = 3;

async function wholeBody(url: string, headers: Record<string, string>, length: number): Promise<Buffer> {
  for (let attempt = 0; ; attempt++) {
    const response = await requestObject(url, { headers });
    if (response.status !== 206) {
      await response.body?.cancel();
      throw new MessageError(`\`${shownUrl(url)}\`: the server stopped serving parts of the file`, {
        file: shownUrl(url),
      });
    }
    try {
      const content = Buffer.from(await response.arrayBuffer());
      if (content.length === length) return content;
      throw new Error(`${content.length} of ${length} bytes came`);
    } catch (cause) {
      if (attempt < BODY_RETRIES) continue;
      throw new MessageError(`\`${shownUrl(url)}\` broke off: ${(cause as Error).message}`, {
        file: shownUrl(url),
        cause,
      });
    }
  }
}
