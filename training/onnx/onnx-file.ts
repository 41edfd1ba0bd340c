import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
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
  for (const constant of constantsOf(model)) {
    const { source, dtype } = constant;
    if (ArrayBuffer.isView(source)) continue;
    external.set(constant, { ...constant, source: arrayOf(dtype, await readExternal(file, source)) });
  }
  return { file, sha256: createHash('sha256').update(bytes).digest('hex'), model, external };
}

async function readWhole(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size >= MOST_BYTES) throw new Error(`it has ${size} bytes; expected less than \`${MOST_BYTES}\``);
    return await readFile(file);
  } catch (cause) {
    throw new TrainingError(`${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** Only files beside the model or below are read, as the ONNX specification says. */
async function readExternal(file: string, { location, offset, length }: ExternalData): Promise<Uint8Array> {
  const folder = path.dirname(file);
  const target = path.resolve(folder, location);
  const inside = path.relative(folder, target);
  if (inside.startsWith('..') || path.isAbsolute(location))
    throw new TrainingError(
      `${file} has tensors in ${location}, outside of its own folder; that is not read.`,
    );
  try {
    const handle = await open(target, 'r');
    try {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset);
      if (bytesRead !== length) throw new Error(`it ends before byte ${offset + length}`);
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new TrainingError(
      `${target}, with tensors of ${file}, cannot be read: ${(cause as Error).message}.`,
      {
        cause,
      },
    );
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
