import { quoteUntrusted } from '../../msgs/quote-untrusted.js';
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

/** A file that was read: what it holds beside float tensors is named, not lost. */
export interface DecodedSafetensors extends SafetensorsFile {
  /** Data types of the tensors that are not read, such as the I64 counters of PyTorch's batch norms, by name. */
  readonly unread: ReadonlyMap<string, string>;
}

/** Position of a tensor's bytes within the file, for those who map it (ONNX external data). */
export interface TensorLocation {
  readonly dtype: 'F32' | 'F16';
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

const ALIGNMENT = 64;
/** Longest header that is read, bytes. Source: safetensors, `MAX_HEADER_SIZE`. */
const MOST_HEADER_BYTES = 100_000_000;

/**
 * Serialises tensors in the given order; the data begins at a multiple of 64 bytes and so does every tensor whose
 * predecessor's size is one. Source: the safetensors format description (8-byte header length, JSON header, data).
 */
export function encodeSafetensors(file: SafetensorsFile): {
  bytes: Uint8Array;
  locations: ReadonlyMap<string, TensorLocation>;
} {
  const entries = new Map<string, unknown>();
  if (Object.keys(file.metadata).length > 0) entries.set('__metadata__', file.metadata);
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of file.tensors) {
    const expected = shape.reduce((a, b) => a * b, 1) * (dtype === 'F32' ? 4 : 2);
    if (bytes.byteLength !== expected) {
      throw new TrainingError(
        `Tensor \`${name}\` has ${bytes.byteLength} bytes; shape [${shape}] of ${dtype} takes ${expected}.`,
      );
    }
    if (name === '__metadata__') throw new TrainingError('No tensor can be called `__metadata__`.');
    entries.set(name, { dtype, shape, data_offsets: [end, end + bytes.byteLength] });
    end += bytes.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
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
 * @throws TrainingError when the header makes no sense or the tensors do not cover the data without holes and overlaps.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): DecodedSafetensors {
  const fail = (why: string): never => {
    throw new TrainingError(`${source} is no usable safetensors file: ${why}`);
  };
  if (bytes.byteLength < 8) return fail(`it has only ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > bytes.byteLength - 8) return fail(`its header claims ${headerLength} bytes`);
  if (headerLength > MOST_HEADER_BYTES)
    return fail(`its header has ${headerLength} bytes; expected at most \`${MOST_HEADER_BYTES}\``);
  // A plain Uint8Array: `slice` of a Buffer would be a view of the whole file, not a copy.
  const data = new Uint8Array(
    bytes.buffer,
    bytes.byteOffset + 8 + headerLength,
    bytes.byteLength - 8 - headerLength,
  );
  const tensors = new Map<string, StoredTensor>();
  const unread = new Map<string, string>();
  const spans: Span[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, entry] of parseHeader(bytes.subarray(8, 8 + headerLength), fail)) {
    if (name === '__metadata__') {
      metadata = Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, String(value)]));
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = entry;
    const shown = quoteUntrusted(name);
    if (typeof dtype !== 'string' || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2)
      return fail(`tensor \`${shown}\` lacks a dtype, shape or offsets`);
    const [begin = 0, end = 0] = offsets;
    if (begin > end || end > data.byteLength)
      return fail(
        `the offsets ${begin}..${end} of tensor \`${shown}\` lie outside its ${data.byteLength} bytes`,
      );
    spans.push({ name, begin, end });
    if (dtype !== 'F32' && dtype !== 'F16') {
      unread.set(name, dtype);
      continue;
    }
    if (end - begin !== shape.reduce((a, b) => a * b, 1) * (dtype === 'F32' ? 4 : 2))
      return fail(
        `tensor \`${shown}\` of shape [${quoteUntrusted(shape.join())}] does not fit its offsets ${begin}..${end}`,
      );
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
  }
  checkCovered(spans, data.byteLength, fail);
  return { tensors, metadata, unread };
}

interface Span {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/** "The byte buffer needs to be entirely indexed, and cannot contain holes" (safetensors, Format). */
function checkCovered(spans: readonly Span[], length: number, fail: (why: string) => never): void {
  let covered = 0;
  for (const { name, begin, end } of spans.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) fail(`tensor \`${quoteUntrusted(name)}\` begins at ${begin}, expected ${covered}`);
    covered = end;
  }
  if (covered !== length) fail(`its tensors take ${covered} bytes, it has ${length}`);
}

function parseHeader(
  bytes: Uint8Array,
  fail: (why: string) => never,
): [name: string, entry: Record<string, unknown>][] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return fail('its header is not JSON in UTF-8');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return fail('its header is no object');
  for (const entry of Object.values(header)) {
    if (typeof entry !== 'object' || entry === null) return fail('its header has an entry that is no object');
  }
  return Object.entries(header); // each an object, as just checked
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((x) => Number.isSafeInteger(x) && x >= 0);
}
