import { TrainingError } from '../errors.js';

/** A tensor in a safetensors file: float32 or float16 bits, row-major. */
export interface StoredTensor {
  readonly dtype: 'F32' | 'F16';
  readonly shape: readonly number[];
  /** Little-endian values: 4 or 2 bytes each. */
  readonly bytes: Uint8Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Position of a tensor's bytes within the file, for those who map it (ONNX external data). */
export interface TensorLocation {
  readonly dtype: 'F32' | 'F16';
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

const ALIGNMENT = 64;

/**
 * Serialises tensors in the given order; the data begins at a multiple of 64 bytes and so does every tensor whose
 * predecessor's size is one. Source: the safetensors format description (8-byte header length, JSON header, data).
 */
export function encodeSafetensors(file: SafetensorsFile): {
  bytes: Uint8Array;
  locations: ReadonlyMap<string, TensorLocation>;
} {
  const entries: Record<string, unknown> = {};
  if (Object.keys(file.metadata).length > 0) entries.__metadata__ = file.metadata;
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of file.tensors) {
    const expected = shape.reduce((a, b) => a * b, 1) * (dtype === 'F32' ? 4 : 2);
    if (bytes.byteLength !== expected) {
      throw new TrainingError(
        `Tensor \`${name}\` has ${bytes.byteLength} bytes; shape [${shape}] of ${dtype} takes ${expected}.`,
      );
    }
    entries[name] = { dtype, shape, data_offsets: [end, end + bytes.byteLength] };
    end += bytes.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  const headerLength = Math.ceil((8 + json.length) / ALIGNMENT) * ALIGNMENT - 8;
  const out = new Uint8Array(8 + headerLength + end);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerLength), true);
  out.fill(0x20, 8, 8 + headerLength); // the format allows trailing spaces in the header
  out.set(json, 8);
  const locations = new Map<string, TensorLocation>();
  let offset = 8 + headerLength;
  for (const [name, { dtype, shape, bytes }] of file.tensors) {
    out.set(bytes, offset);
    locations.set(name, { dtype, shape, offset, length: bytes.byteLength });
    offset += bytes.byteLength;
  }
  return { bytes: out, locations };
}

/**
 * Reads a safetensors file; tensors are views over `bytes`.
 * @param source file name for messages.
 * @throws TrainingError when the header or an offset makes no sense, or a dtype is neither F32 nor F16.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): SafetensorsFile {
  const fail = (why: string): never => {
    throw new TrainingError(`${source} is no usable safetensors file: ${why}`);
  };
  if (bytes.byteLength < 8) return fail(`it has only ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > bytes.byteLength - 8) return fail(`its header claims ${headerLength} bytes`);
  const header = parseHeader(bytes.subarray(8, 8 + headerLength), fail);
  const data = bytes.subarray(8 + headerLength);
  const tensors = new Map<string, StoredTensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, String(value)]));
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = entry;
    if (dtype !== 'F32' && dtype !== 'F16')
      return fail(`tensor \`${name}\` has dtype ${String(dtype)}; F32 and F16 are read`);
    if (!isIntegers(shape) || !isIntegers(offsets) || offsets.length !== 2)
      return fail(`tensor \`${name}\` lacks a shape or offsets`);
    const [begin = 0, finish = 0] = offsets;
    const expected = shape.reduce((a, b) => a * b, 1) * (dtype === 'F32' ? 4 : 2);
    if (begin < 0 || finish > data.byteLength || finish - begin !== expected) {
      return fail(`tensor \`${name}\` of shape [${shape}] does not fit its offsets ${begin}..${finish}`);
    }
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, finish) });
  }
  return { tensors, metadata };
}

function parseHeader(
  bytes: Uint8Array,
  fail: (why: string) => never,
): Record<string, Record<string, unknown>> {
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof header !== 'object' || header === null || Array.isArray(header))
      return fail('its header is no object');
    for (const entry of Object.values(header)) {
      if (typeof entry !== 'object' || entry === null)
        return fail('its header has an entry that is no object');
    }
    return header as Record<string, Record<string, unknown>>; // just checked
  } catch (error) {
    if (error instanceof SyntaxError) return fail('its header is not JSON');
    throw error;
  }
}

function isIntegers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((x) => Number.isSafeInteger(x));
}
