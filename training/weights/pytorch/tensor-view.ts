import { TrainingError } from '../../errors.js';
import type { ElementType } from './element-types.js';

/** A run of numbers in a checkpoint that tensors share. */
export interface Storage {
  readonly type: ElementType;
  readonly key: string;
  /** Elements that the storage claims to have. */
  readonly length: number;
  /** Where this storage begins in the elements stored under `key`: old files have storages that are parts of others. */
  readonly start: number;
}

/** A tensor of a checkpoint: a strided view of a storage. Nothing is converted until the values are asked for. */
export interface TensorView {
  readonly kind: 'tensor';
  readonly storage: Storage;
  /** Elements before the first. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** The bytes of a storage and their order. */
export interface StorageBytes {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
}

/** More dimensions than any weight has. */
const MOST_DIMENSIONS = 16;
/** One tensor becomes at most 256 MiB of float32. */
const MOST_ELEMENTS = 2 ** 26;

/**
 * A view after its bounds were checked against its storage.
 * @throws TrainingError when sizes, strides or offset make no sense or reach beyond the storage.
 */
export function tensorView(
  storage: Storage,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): TensorView {
  const fail = (why: string): never => {
    throw new TrainingError(`a tensor of shape [${shape.slice(0, MOST_DIMENSIONS)}] ${why}`);
  };
  if (shape.length > MOST_DIMENSIONS || shape.length !== strides.length)
    return fail(
      `has ${strides.length} strides; expected one for each of at most \`${MOST_DIMENSIONS}\` sizes`,
    );
  if (![offset, ...shape, ...strides].every((value) => Number.isSafeInteger(value) && value >= 0))
    return fail('has a negative, broken or enormous size, stride or offset');
  const empty = shape.includes(0);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), offset);
  if (!empty && !(last < storage.length))
    return fail(`reaches to element ${last} of a storage of \`${storage.length}\``);
  return { kind: 'tensor', storage, offset, shape, strides };
}

/** Number of elements. */
export function elementCount({ shape }: TensorView): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * The values in row-major order of the shape as float32. Float16, bfloat16 and small integers are exact, float64 and
 * large integers are rounded to the nearest float32.
 * @throws TrainingError when the tensor is too large or its storage shorter than it claims.
 */
export function floatValues(tensor: TensorView, { bytes, littleEndian }: StorageBytes): Float32Array {
  const { storage, shape, strides } = tensor;
  const { type } = storage;
  const count = elementCount(tensor);
  if (!(count <= MOST_ELEMENTS))
    throw new TrainingError(
      `a tensor of shape [${shape}] has ${count} elements, at most \`${MOST_ELEMENTS}\` are read`,
    );
  const available = Math.floor(bytes.byteLength / type.bytes);
  if (storage.start + storage.length > available)
    throw new TrainingError(
      `storage \`${storage.key}\` should hold ${storage.start + storage.length} values of ${type.name}, the file has ${available}`,
    );
  const values = new Float32Array(count);
  if (count === 0) return values;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const index = new Array<number>(shape.length).fill(0);
  const inner = shape.length - 1;
  const innerSize = shape[inner] ?? 1;
  const innerStride = strides[inner] ?? 0;
  let row = storage.start + tensor.offset;
  for (let at = 0; at < count; ) {
    for (let i = 0; i < innerSize; i++) {
      values[at++] = type.read(view, (row + i * innerStride) * type.bytes, littleEndian);
    }
    // The next row: like an odometer, from the second last axis.
    for (let axis = inner - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      row += strides[axis] ?? 0;
      if (next < (shape[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      row -= (strides[axis] ?? 0) * (shape[axis] ?? 1);
    }
  }
  return values;
}
