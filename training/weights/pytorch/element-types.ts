import { halfValue } from '../half.js';

/** How the numbers of a storage are laid out. */
export interface ElementType {
  /** PyTorch's name of the data type. */
  readonly name: string;
  readonly bytes: number;
  /** Whether every value has an exact float32. */
  readonly exact: boolean;
  read(view: DataView, offset: number, littleEndian: boolean): number;
}

function element(name: string, bytes: number, exact: boolean, read: ElementType['read']): ElementType {
  return { name, bytes, exact, read };
}

const bfloatBits = new Uint32Array(1);
const bfloatValue = new Float32Array(bfloatBits.buffer);

function bfloat16(bits: number): number {
  bfloatBits[0] = bits << 16;
  return bfloatValue[0] ?? 0;
}

/**
 * The storages that are read, by the class that a pickle names. Complex and quantised ones are not.
 * Source: PyTorch, `torch/storage.py` and the `torch.dtype` table of its documentation.
 */
export const STORAGE_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['torch.FloatStorage', element('float32', 4, true, (v, o, le) => v.getFloat32(o, le))],
  ['torch.DoubleStorage', element('float64', 8, false, (v, o, le) => v.getFloat64(o, le))],
  ['torch.HalfStorage', element('float16', 2, true, (v, o, le) => halfValue(v.getUint16(o, le)))],
  ['torch.BFloat16Storage', element('bfloat16', 2, true, (v, o, le) => bfloat16(v.getUint16(o, le)))],
  ['torch.LongStorage', element('int64', 8, false, (v, o, le) => Number(v.getBigInt64(o, le)))],
  ['torch.IntStorage', element('int32', 4, false, (v, o, le) => v.getInt32(o, le))],
  ['torch.ShortStorage', element('int16', 2, true, (v, o, le) => v.getInt16(o, le))],
  ['torch.CharStorage', element('int8', 1, true, (v, o) => v.getInt8(o))],
  ['torch.ByteStorage', element('uint8', 1, true, (v, o) => v.getUint8(o))],
  ['torch.BoolStorage', element('bool', 1, true, (v, o) => (v.getUint8(o) === 0 ? 0 : 1))],
]);
