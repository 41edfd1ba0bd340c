import { readFile } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';

/** A numeric array of a MATLAB file, column major as MATLAB has it. */
export interface MatArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

const HEADER_BYTES = 128;
const MATRIX = 14;
const COMPRESSED = 15;
/** Classes of numeric arrays: double, single, int8 to uint64. */
const NUMERIC_CLASSES = { first: 6, last: 15 };
const COMPLEX = 0x08;
/** More than any data set's arrays; a damaged file may ask for anything. */
const MOST_BYTES = 2 ** 30;

type ReadNumber = (view: DataView, at: number) => number;

/** Numbers by the number of a data type: its bytes, and how a number is read. Source: MAT-File Format, R2024b, table 1-1. */
const NUMBERS: Readonly<Record<number, readonly [bytes: number, read: ReadNumber]>> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at) => view.getInt16(at, true)],
  4: [2, (view, at) => view.getUint16(at, true)],
  5: [4, (view, at) => view.getInt32(at, true)],
  6: [4, (view, at) => view.getUint32(at, true)],
  7: [4, (view, at) => view.getFloat32(at, true)],
  9: [8, (view, at) => view.getFloat64(at, true)],
  12: [8, (view, at) => Number(view.getBigInt64(at, true))],
  13: [8, (view, at) => Number(view.getBigUint64(at, true))],
};

/**
 * A real numeric array of a MATLAB file of level 5 (`save -v6` and `-v7`, the default), by its name.
 * @throws TrainingError naming the file when it is damaged, of another kind (v7.3 is HDF5), or lacks the array.
 * Source: MathWorks, MAT-File Format, chapter 1.
 */
export async function readMat(file: string, name: string): Promise<MatArray> {
  const bytes = await readBytes(file);
  const marked = (message: string) => new TrainingError(`${file}: ${message}`, { file });
  if (bytes.subarray(0, 4).toString('latin1') === '\x89HDF' || bytes.includes('MATLAB 7.3', 0, 'latin1')) {
    throw marked(
      "expected a MATLAB file of level 5, got one of v7.3 (HDF5); save it with MATLAB's `-v7`, or export it",
    );
  }
  if (bytes.length < HEADER_BYTES || bytes.subarray(126, 128).toString('latin1') !== 'IM') {
    throw marked('expected a little-endian MATLAB file of level 5 (`MATLAB 5.0 MAT-file`)');
  }
  try {
    const found: string[] = [];
    for (const element of elementsOf(bytes.subarray(HEADER_BYTES))) {
      const whole =
        element.type === COMPRESSED
          ? [...elementsOf(inflateSync(element.data, { maxOutputLength: MOST_BYTES }))][0]
          : element;
      if (whole?.type !== MATRIX) continue;
      const array = arrayOf(whole.data);
      if (array.name === name) return array.read();
      found.push(`\`${array.name}\``);
    }
    throw marked(`expected an array \`${name}\`, found ${found.join(', ') || 'none'}`);
  } catch (cause) {
    if (cause instanceof TrainingError) throw cause;
    throw new TrainingError(`${file} is damaged: ${messageOf(cause)}; fetch it again.`, {
      file,
      cause,
    });
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new TrainingError(`${file} cannot be read: ${messageOf(cause)}.`, { file, cause });
  }
}

interface Element {
  readonly type: number;
  readonly data: Buffer;
}

/** The data elements of a file or array, one after another. */
function* elementsOf(bytes: Buffer): Generator<Element> {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const first = bytes.readUInt32LE(at);
    const small = first >>> 16;
    if (small > 0) {
      // Up to four bytes lie in the tag itself.
      if (small > 4) throw new RangeError(`an element of ${small} bytes in its own tag`);
      yield { type: first & 0xffff, data: bytes.subarray(at + 4, at + 4 + small) };
      at += 8;
      continue;
    }
    const length = bytes.readUInt32LE(at + 4);
    const end = at + 8 + length;
    if (end > bytes.length)
      throw new RangeError(`an element ends ${end - bytes.length} bytes after the file`);
    yield { type: first, data: bytes.subarray(at + 8, end) };
    at = first === COMPRESSED ? end : at + 8 + Math.ceil(length / 8) * 8;
  }
}

function arrayOf(bytes: Buffer): { readonly name: string; read(): MatArray } {
  const [flags, dimensions, label, values] = elementsOf(bytes);
  if (flags === undefined || dimensions === undefined || label === undefined)
    throw new RangeError('an array without flags, dimensions or name');
  const name = label.data.toString('latin1');
  return {
    name,
    read() {
      const word = flags.data.readUInt32LE(0);
      const kind = word & 0xff;
      if (kind < NUMERIC_CLASSES.first || kind > NUMERIC_CLASSES.last || ((word >>> 8) & COMPLEX) !== 0)
        throw new RangeError(`\`${name}\` is no array of real numbers`);
      const shape = numbersOf(dimensions);
      const all = values === undefined ? new Float64Array() : numbersOf(values);
      const expected = shape.reduce((a, b) => a * b, 1);
      if (all.length !== expected)
        throw new RangeError(`\`${name}\` has ${all.length} numbers, expected ${shape.join('x')}`);
      return { shape: [...shape], values: all };
    },
  };
}

function numbersOf({ type, data }: Element): Float64Array {
  const [size, read] = NUMBERS[type] ?? [];
  if (size === undefined || read === undefined) throw new RangeError(`numbers of the unknown type ${type}`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Float64Array.from({ length: Math.floor(data.length / size) }, (_, i) => read(view, i * size));
}
