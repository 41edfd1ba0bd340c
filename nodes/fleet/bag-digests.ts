import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../models/durable-files.js';
import { MAX_METADATA_BYTES, parseBagMetadata } from '../../msgs/bag/bag-metadata.js';
import { streamObject } from '../../msgs/remote/download-object.js';
import { RemoteFile } from '../../msgs/remote/remote-file.js';
import { isRemote, remoteChild, remoteName, shownUrl } from '../../msgs/remote/remote-url.js';
import { NodeError } from '../errors.js';
import { treeDigest } from './tree-digest.js';

const BAG_FILE = /\.(mcap|db3)(\.zstd)?$/;
/** By what the server said of the content; not worth an error where it is damaged. */
const KNOWN = z.record(z.string(), z.string());

/**
 * Finds the SHA-256 of bags: what a job is known by, wherever its bag lies. A bag at a URL is read once as a whole; what it was
 * is remembered by URL, size and ETag.
 */
export class BagDigests {
  readonly #file: string;
  #known: Record<string, string> | undefined;

  /** @param folder of the fleet. @param tag of its shard. */
  constructor(folder: string, tag = '') {
    this.#file = path.join(folder, `digests${tag}.json`);
  }

  /** @throws NodeError when there is no such bag on this machine; URLs are looked at later. */
  check(bag: string, what: string): void {
    if (!isRemote(bag) && !existsSync(bag))
      throw new NodeError(`${what}: there is no bag \`${bag}\``, { file: bag });
  }

  /** As processes are told where the bag is. */
  placeOf(bag: string): string {
    return isRemote(bag) ? bag : path.resolve(bag);
  }

  /**
   * In hex; that of a folder at a URL is that of the folder on disk. Undefined when it is aborted: drives take minutes.
   * @throws MessageError when it cannot be read.
   */
  async of(bag: string, signal?: AbortSignal): Promise<string | undefined> {
    if (signal?.aborted) return undefined;
    try {
      return await this.#find(bag, signal);
    } catch (error) {
      if (signal?.aborted) return undefined;
      throw error;
    }
  }

  async #find(bag: string, signal: AbortSignal | undefined): Promise<string> {
    if (!isRemote(bag)) return await treeDigest(bag, signal);
    const check = () => signal?.throwIfAborted();
    if (BAG_FILE.test(remoteName(bag)))
      return await this.#remembered([bag], async () => (await streamObject(bag, Infinity, check)).sha256);
    const parts = await partsOf(bag);
    return await this.#remembered(
      parts.map(({ url }) => url),
      () => folderDigest(parts, check),
    );
  }

  async #remembered(urls: readonly string[], find: () => Promise<string>): Promise<string> {
    const key = await contentKey(urls);
    const known = await this.#read();
    const before = key === undefined ? undefined : known[key];
    if (before !== undefined) return before;
    const digest = await find();
    if (key === undefined) return digest;
    known[key] = digest;
    await mkdir(path.dirname(this.#file), { recursive: true });
    await replaceFile(this.#file, `${JSON.stringify(known, undefined, 2)}\n`);
    return digest;
  }

  async #read(): Promise<Record<string, string>> {
    if (this.#known !== undefined) return this.#known;
    const text = await readFile(this.#file, 'utf8').catch(() => '{}');
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    this.#known = KNOWN.safeParse(json).data ?? {};
    return this.#known;
  }
}

interface Part {
  readonly name: string;
  readonly url: string;
}

/** The files of a bag folder at a URL, by its metadata. */
async function partsOf(folder: string): Promise<Part[]> {
  const url = remoteChild(folder, 'metadata.yaml');
  const pieces: Uint8Array[] = [];
  await streamObject(url, MAX_METADATA_BYTES, (piece) => {
    pieces.push(piece);
  });
  const { files } = parseBagMetadata(Buffer.concat(pieces).toString('utf8'), shownUrl(url));
  const names = [...files.map((file) => path.basename(file)), 'metadata.yaml'].sort();
  return names.map((name) => ({ name, url: remoteChild(folder, name) }));
}

/** As `treeDigest` of the same files. @param check throws when it is aborted. */
async function folderDigest(parts: readonly Part[], check: () => void): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, url } of parts) {
    const size = (await RemoteFile.open(url))?.size;
    if (size === undefined) {
      throw new NodeError(
        `\`${shownUrl(url)}\`: its server does not say how long it is (no range requests); a fleet needs a bag of one file there`,
        { file: shownUrl(url) },
      );
    }
    hash.update(`${JSON.stringify([name])} ${size}\n`);
    await streamObject(url, Infinity, (piece) => {
      check();
      hash.update(piece);
    });
  }
  return hash.digest('hex');
}

/** Undefined where a server says too little to know a content again. */
async function contentKey(urls: readonly string[]): Promise<string | undefined> {
  const said: (readonly [string, number, string])[] = [];
  for (const url of urls) {
    const file = await RemoteFile.open(url);
    if (file?.etag === undefined || file.etag.startsWith('W/')) return undefined;
    said.push([shownUrl(url), file.size, file.etag]);
  }
  return JSON.stringify(said);
}
