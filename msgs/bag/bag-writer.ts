import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { MessageError } from '../errors.js';
import { FileGoneError } from '../files/file-gone-error.js';
import { formatBagMetadata } from './bag-metadata.js';
import { loadZstd } from './compression/zstd.js';
import { type AppendableFile, createAppendableFile } from './files/appendable-file.js';
import { BAG_LIBRARY, BagFolder } from './files/bag-folder.js';
import { WatchedFile } from './files/watched-file.js';
import { McapFileWriter, type McapFileWriterOptions, type McapMessage } from './mcap/mcap-file-writer.js';
import { offeredQos } from './offered-qos.js';

/** Fastest of the levels that still compress images well in WebAssembly. */
const ZSTD_LEVEL = 1;

/** How to write a bag. */
export interface BagWriterOptions {
  /** Whether to replace a bag in the folder; default false. Other folders with content are always refused. */
  readonly overwrite?: boolean;
  /** Compression of the chunks, default `none`. It runs on the calling thread: zstd takes about 5 ms a megabyte. */
  readonly compression?: 'none' | 'zstd';
  /** Opens the MCAP file at a path; default: on disk. Replace it to write elsewhere, or to count what is written. */
  readonly createFile?: (path: string) => Promise<AppendableFile>;
}

/** A topic to announce in a bag. */
export interface RecordedTopic {
  /** Full name, such as `/camera/image`. */
  readonly topic: string;
  /** Full type name, such as `sensor_msgs/msg/Image`. */
  readonly type: string;
  /** Definition of the type with all types that it uses, as `ros2msg` makes it or as `MessageCodec.definition` holds it. */
  readonly definition: string;
  /** Whether late subscribers get the last message (transient local durability); default false. */
  readonly latched?: boolean;
}

/** A message that waits for its turn, and whom to tell what became of it. */
interface WaitingMessage extends McapMessage {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes a rosbag2 folder with one MCAP file, which `ros2 bag` and Foxglove open. Calls run in the order in which they are
 * made. `write` resolves when the disk has the message; await it for back-pressure. What is given to it while the disk is at work
 * goes to the disk together.
 */
export class BagWriter {
  /** Path of the bag's folder. */
  readonly folder: string;
  readonly #file: AppendableFile;
  readonly #held: BagFolder;
  readonly #watched: WatchedFile;
  readonly #mcap: McapFileWriter;
  readonly #topics: { id: number; topic: string; type: string; qos: string }[] = [];
  readonly #schemas = new Map<string, number>();
  #queue: Promise<void> = Promise.resolve();
  /** Messages that the last step of the queue will write, as long as that has not begun. */
  #waiting: WaitingMessage[] | undefined;
  #failure: MessageError | undefined;
  #closed: Promise<void> | undefined;

  private constructor(
    folder: string,
    file: AppendableFile,
    mcap: McapFileWriter,
    { held, watched }: { readonly held: BagFolder; readonly watched: WatchedFile },
  ) {
    this.folder = folder;
    this.#held = held;
    this.#watched = watched;
    this.#file = file;
    this.#mcap = mcap;
  }

  /**
   * Creates the folder and the file in it. No other process writes into the folder until `close`.
   * @throws MessageError if the folder cannot be written, has content, or belongs to another writer.
   */
  static async create(folder: string, options: BagWriterOptions = {}): Promise<BagWriter> {
    const compression = await compressor(options.compression ?? 'none');
    const held = await BagFolder.open(folder, options.overwrite ?? false);
    const path = join(folder, `${basename(resolve(folder))}_0.mcap`);
    let file: AppendableFile | undefined;
    try {
      file = await (options.createFile ?? createAppendableFile)(path);
      const mcap = await McapFileWriter.create(file, {
        profile: 'ros2',
        library: BAG_LIBRARY,
        ...(compression && { compression }),
      });
      return new BagWriter(folder, file, mcap, { held, watched: await WatchedFile.of(path) });
    } catch (cause) {
      await file?.close().catch(noop);
      if (file !== undefined) await rm(path, { force: true }).catch(noop);
      await held.release().catch(noop);
      throw new MessageError(`cannot create \`${path}\`: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * Announces a topic.
   * @returns the channel for `write`.
   * @throws MessageError if the topic was already added, or the file cannot take it.
   */
  async addTopic({ topic, type, definition, latched = false }: RecordedTopic): Promise<number> {
    return await this.#enqueue(async () => {
      if (this.#topics.some((known) => known.topic === topic)) {
        throw new MessageError(`\`${topic}\` was already added to the bag \`${this.folder}\``, { topic });
      }
      return await this.#guard(async () => {
        const key = `${type}\n${definition}`;
        const schemaId = this.#schemas.get(key) ?? (await this.#mcap.addSchema(type, definition));
        this.#schemas.set(key, schemaId);
        const qos = offeredQos(latched);
        const id = await this.#mcap.addChannel(topic, schemaId, new Map([['offered_qos_profiles', qos]]));
        this.#topics.push({ id, topic, type, qos });
        return id;
      });
    });
  }

  /**
   * Appends a message. Leave `cdr` unchanged until the promise resolves.
   * @param channel what `addTopic` returned
   * @param cdr the CDR bytes with their 4-byte encapsulation header
   * @param logTimeNs nanoseconds since the epoch, not negative
   * @param publishTimeNs likewise; default: `logTimeNs`
   * @throws MessageError if there is no such channel, a time is negative, or the file cannot take the message.
   */
  async write(
    channel: number,
    cdr: Uint8Array,
    logTimeNs: bigint,
    publishTimeNs: bigint = logTimeNs,
  ): Promise<void> {
    this.#requireOpen();
    await new Promise<void>((done, failed) => {
      const message = { channelId: channel, cdr, logTimeNs, publishTimeNs, done, failed };
      if (this.#waiting !== undefined) {
        this.#waiting.push(message);
        return;
      }
      const messages = [message];
      this.#waiting = messages;
      this.#queue = this.#queue.then(() => this.#writeAll(messages));
    });
  }

  /** Never rejects. */
  async #writeAll(messages: readonly WaitingMessage[]): Promise<void> {
    if (this.#waiting === messages) this.#waiting = undefined;
    const sound = messages.filter((message) => {
      const error = this.#failure ?? this.#refusal(message);
      if (error !== undefined) message.failed(error);
      return error === undefined;
    });
    if (sound.length === 0) return;
    try {
      await this.#guard(async () => {
        await this.#watched.look();
        await this.#mcap.addMessages(sound);
      });
      for (const { done } of sound) done();
    } catch (error) {
      for (const { failed } of sound) failed(error);
    }
  }

  /** Why a message cannot be written. */
  #refusal({ channelId, logTimeNs, publishTimeNs }: McapMessage): MessageError | undefined {
    if (!this.#topics.some(({ id }) => id === channelId))
      return new MessageError(`no channel ${channelId} in the bag \`${this.folder}\`: add its topic first`);
    if (logTimeNs >= 0n && publishTimeNs >= 0n) return undefined;
    return new MessageError(
      `\`${this.folder}\`: expected stamps \`>= 0\` ns, got ${logTimeNs}, ${publishTimeNs}`,
    );
  }

  /**
   * Finishes the file, then writes `metadata.yaml`. It may be called again, also after a failed write: the bag then keeps
   * everything from before. It rejects only if the bag stays without its index or metadata.
   */
  async close(): Promise<void> {
    this.#closed ??= this.#queue.then(() => this.#finish()).finally(() => this.#held.release());
    await this.#closed;
  }

  async #finish(): Promise<void> {
    const failed = this.#failure !== undefined;
    try {
      await this.#mcap.end(failed);
    } catch (cause) {
      throw new MessageError(
        `\`${this.#file.path}\` could not be finished (${reasonOf(cause)}): it has no index, but its messages can still be read`,
        { cause },
      );
    } finally {
      await this.#file.close();
    }
    await this.#watched.require();
    const path = join(this.folder, 'metadata.yaml');
    const { counts, startNs, endNs } = this.#mcap.written;
    const text = formatBagMetadata({
      file: basename(this.#file.path),
      startNs,
      endNs,
      messageCount: [...counts.values()].reduce((sum, count) => sum + count, 0),
      topics: this.#topics.map(({ id, topic, type, qos }) => ({
        topic,
        type,
        qos,
        messageCount: counts.get(id) ?? 0,
      })),
    });
    try {
      await writeFile(`${path}.tmp`, text, { flush: true });
      await rename(`${path}.tmp`, path);
    } catch (cause) {
      await rm(`${path}.tmp`, { force: true });
      throw new MessageError(
        `cannot write \`${path}\`: ${reasonOf(cause)}; the MCAP file beside it is complete`,
        { file: path, cause },
      );
    }
  }

  async #enqueue<T>(work: () => Promise<T>): Promise<T> {
    this.#requireOpen();
    this.#waiting = undefined;
    const result = this.#queue.then(() => {
      if (this.#failure) throw this.#failure;
      return work();
    });
    this.#queue = result.then(noop, noop);
    return await result;
  }

  #requireOpen(): void {
    if (this.#closed) throw new MessageError(`the bag \`${this.folder}\` is closed`);
  }

  /** Runs what writes to the file; its failure is final. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof FileGoneError) {
        this.#failure = cause;
        throw cause;
      }
      const { counts } = this.#mcap.written;
      const kept = [...counts.values()].reduce((sum, count) => sum + count, 0);
      this.#failure = new MessageError(
        `cannot write \`${this.#file.path}\` any further: ${reasonOf(cause)}; ${kept} messages before are kept`,
        { cause },
      );
      throw this.#failure;
    }
  }
}

async function compressor(kind: 'none' | 'zstd'): Promise<McapFileWriterOptions['compression']> {
  if (kind === 'none') return undefined;
  const zstd = await loadZstd();
  return { name: 'zstd', compress: (records) => zstd.compress(records, ZSTD_LEVEL) };
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return 'the disk is full (ENOSPC)';
  if (code === 'EACCES' || code === 'EPERM') return `no permission (${code})`;
  if (code === 'EROFS') return 'the file system is read-only (EROFS)';
  return message;
}

function noop(): void {}
