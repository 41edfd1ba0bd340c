import { TrainingError } from '../errors.js';

/** ONNX element types that graphs here may use, by name; the numbers are those of TensorProto.DataType in onnx.proto. */
export const ELEMENT_TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
} as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

export type TensorArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array;

/** What a constant may be written as; plain arrays are converted to the element type. */
export type TensorValues = TensorArray | readonly number[] | readonly bigint[] | readonly boolean[];

const ARRAYS = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  bool: Uint8Array,
  float16: Uint16Array,
  float64: Float64Array,
  uint32: Uint32Array,
} as const;

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/**
 * `values` as the typed array that holds element type `dtype` (bool as Uint8Array, float16 as its bits in Uint16Array).
 * A typed array of that kind is returned as it is.
 */
export function toTypedArray(values: TensorValues, dtype: ElementType): TensorArray {
  if (dtype === 'int64') {
    if (values instanceof BigInt64Array) return values;
    return BigInt64Array.from<number | bigint | boolean>(values, (value) => BigInt(value));
  }
  const Kind = ARRAYS[dtype];
  if (values instanceof Kind) return values;
  if (dtype === 'float16') {
    throw new TrainingError('expected float16 values as `Uint16Array` of their bits; convert them first');
  }
  return new Kind(Array.from<number | bigint | boolean, number>(values, Number));
}

/** The bytes of a typed array, as a view. */
export function bytesOf(data: TensorArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
