import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isWithin } from '../../msgs/files/is-within.js';
import { messageOf } from '../../msgs/message-of.js';
import { quoteUntrusted } from '../../msgs/quote-untrusted.js';
import { TrainingError } from '../errors.js';
import type { ExternalData, Initializer } from './model-proto.js';
import { type ForeignModel, readModel } from './read-model.js';
import { arrayOf } from './read-tensor.js';

/** An ONNX file with the tensors that lie in files beside it. */
export interface OnnxFile {
  readonly file: string;
  readonly sha256: string;
  readonly model: ForeignModel;
  /** The constants whose numbers lie in other files, and the same with their numbers. */
  readonly external: ReadonlyMap<Initializer, Initializer>;
}

/** Protocol buffers cannot be larger. */
const MOST_BYTES = 2 ** 31;

/** Reads an ONNX file and its external data. @throws TrainingError naming the file and what is wrong with it. */
export async function readOnnxFile(file: string): Promise<OnnxFile> {
  const bytes = await readWhole(file);
  const model = readModel(bytes, file);
  const external = new Map<Initializer, Initializer>();
  const files = new ExternalFiles(file);
  try {
    for (const constant of constantsOf(model)) {
      const { source, dtype } = constant;
      if (ArrayBuffer.isView(source)) continue;
      external.set(constant, { ...constant, source: arrayOf(dtype, await files.read(source)) });
    }
  } finally {
    await files.close();
  }
  return { file, sha256: createHash('sha256').update(bytes).digest('hex'), model, external };
}

async function readWhole(file: string): Promise<Uint8Array> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Error('it is no regular file');
    const { size } = found;
    if (size >= MOST_BYTES) throw new Error(`it has ${size} bytes; expected less than \`${MOST_BYTES}\``);
    return await readFile(file);
  } catch (cause) {
    throw new TrainingError(`${file} cannot be read: ${messageOf(cause)}.`, { file, cause });
  }
}

/** A file of external data, open. */
interface ExternalFile {
  readonly handle: FileHandle;
  readonly size: number;
  /** Bytes that tensors may still take of it. */
  left: number;
}

/** Tensors may share bytes, but a small file must not become a large network. */
const MOST_SHARED = 4;

/** Reads tensors out of files in a model's folder or below, as the ONNX specification says, never from anywhere else. */
class ExternalFiles {
  readonly #file: string;
  readonly #open = new Map<string, ExternalFile>();

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws TrainingError naming both files. */
  async read({ location, offset, length }: ExternalData): Promise<Uint8Array> {
    const shown = quoteUntrusted(location);
    try {
      const found = this.#open.get(location) ?? (await this.#openFile(location));
      this.#open.set(location, found);
      if (offset + length > found.size)
        throw new Error(`it ends at byte ${found.size}, before byte ${offset + length}`);
      found.left -= length;
      if (found.left < 0) throw new Error('its tensors take its bytes over and over');
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const { bytesRead } = await found.handle.read(bytes, at, length - at, offset + at);
        if (bytesRead === 0) throw new Error('it was cut off while it was read');
        at += bytesRead;
      }
      return bytes;
    } catch (cause) {
      if (cause instanceof TrainingError) throw cause;
      throw new TrainingError(
        `${shown}, with tensors of ${this.#file}, cannot be read: ${messageOf(cause)}.`,
        { file: shown, cause },
      );
    }
  }

  async close(): Promise<void> {
    for (const { handle } of this.#open.values()) await handle.close();
  }

  async #openFile(location: string): Promise<ExternalFile> {
    const named = path.dirname(this.#file);
    const [folder, target] = [await realpath(named), path.resolve(named, location)];
    const isOutside = location === '' || path.isAbsolute(location) || !isWithin(target, path.resolve(named));
    // A link may lead anywhere, whatever its name is.
    if (isOutside || !isWithin(await realpath(target), folder)) {
      throw new TrainingError(
        `${this.#file} has tensors in ${quoteUntrusted(location)}, which ${isOutside ? 'lies' : 'is a symbolic link that leads'} ` +
          'outside of its own folder; that is not read. Put the file itself beside it.',
        { file: this.#file },
      );
    }
    // Before it is opened: opening a pipe would wait for its writer.
    if (!(await stat(target)).isFile()) throw new Error('it is no regular file');
    const handle = await open(target, 'r');
    const { size } = await handle.stat();
    return { handle, size, left: MOST_SHARED * size };
  }
}

function constantsOf({ graph, functions }: ForeignModel): Initializer[] {
  const ofGraph = (inner: ForeignModel['graph']): Initializer[] => [
    ...inner.initializers,
    ...inner.nodes.flatMap(({ graphs }) => graphs.flatMap(([, body]) => ofGraph(body))),
  ];
  const inFunctions = functions.flatMap(({ nodes }) =>
    nodes.flatMap(({ graphs }) => graphs.flatMap(([, body]) => ofGraph(body))),
  );
  return [...ofGraph(graph), ...inFunctions];
}
