import { crc32, deflateRawSync } from 'node:zlib';

/** A tensor as the test wants it stored. */
export interface WrittenTensor {
  readonly storage: string;
  /** Bytes of the storage, little-endian; tensors with the same key share them. */
  readonly bytes: Uint8Array;
  readonly key?: string;
  /** Elements of the storage. */
  readonly length: number;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides?: readonly number[];
}

export type Written = WrittenTensor | number | boolean | string | ReadonlyMap<string, Written>;

/** A contiguous float32 tensor. */
export function floats(values: readonly number[], shape: readonly number[]): WrittenTensor {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  return { storage: 'FloatStorage', bytes, length: values.length, shape };
}

/** Writes pickles by hand, protocol 2, as PyTorch's are. */
export class PickleWriter {
  readonly #bytes: number[] = [0x80, 2];
  readonly storages = new Map<string, WrittenTensor>();
  readonly #legacy: boolean;

  constructor(legacy = false) {
    this.#legacy = legacy;
  }

  raw(...bytes: readonly number[]): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    return this.raw(0x58, ...uint32(bytes.length), ...bytes);
  }

  int(value: number): this {
    return this.raw(0x4a, ...uint32(value));
  }

  global(module: string, name: string): this {
    return this.raw(0x63, ...new TextEncoder().encode(`${module}\n${name}\n`));
  }

  tuple(...write: readonly (() => void)[]): this {
    this.raw(0x28);
    for (const item of write) item();
    return this.raw(0x74);
  }

  tensor(tensor: WrittenTensor): this {
    const key = tensor.key ?? String(this.storages.size);
    this.storages.set(key, tensor);
    const strides = tensor.strides ?? contiguous(tensor.shape);
    const dims = (values: readonly number[]) => this.tuple(...values.map((value) => () => this.int(value)));
    return this.global('torch._utils', '_rebuild_tensor_v2')
      .tuple(
        () =>
          this.tuple(
            () => this.text('storage'),
            () => this.global('torch', tensor.storage),
            () => this.text(key),
            () => this.text('cpu'),
            () => this.int(tensor.length),
            ...(this.#legacy ? [() => this.raw(0x4e)] : []),
          ).raw(0x51),
        () => this.int(tensor.offset ?? 0),
        () => dims(tensor.shape),
        () => dims(strides),
        () => this.raw(0x89),
        () => this.global('collections', 'OrderedDict').raw(0x29, 0x52),
      )
      .raw(0x52);
  }

  value(value: Written): this {
    if (typeof value === 'number') return this.int(value);
    if (typeof value === 'boolean') return this.raw(value ? 0x88 : 0x89);
    if (typeof value === 'string') return this.text(value);
    if (!(value instanceof Map)) return this.tensor(value as WrittenTensor);
    this.global('collections', 'OrderedDict').raw(0x29, 0x52, 0x28);
    for (const [key, entry] of value) this.text(key).value(entry);
    return this.raw(0x75);
  }

  /** The pickle so far, ended. */
  end(): Uint8Array {
    return Uint8Array.from([...this.#bytes, 0x2e]);
  }
}

/** A checkpoint in the zip format. */
export function zipCheckpoint(
  state: ReadonlyMap<string, Written>,
  options: { deflate?: boolean; byteorder?: string } = {},
): Uint8Array {
  const writer = new PickleWriter().value(state);
  return zipOf(writer.end(), writer.storages, options);
}

/** A zip checkpoint of a pickle and storages. */
export function zipOf(
  pickle: Uint8Array,
  storages: ReadonlyMap<string, WrittenTensor>,
  { deflate = false, byteorder }: { deflate?: boolean; byteorder?: string } = {},
): Uint8Array {
  const entries = new Map([['archive/data.pkl', pickle]]);
  if (byteorder !== undefined) entries.set('archive/byteorder', new TextEncoder().encode(byteorder));
  for (const [key, { bytes }] of storages) entries.set(`archive/data/${key}`, bytes);
  return zip(entries, deflate);
}

/** A zip file of the given entries. */
export function zip(entries: ReadonlyMap<string, Uint8Array>, deflate = false): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, content] of entries) {
    const data = deflate ? deflateRawSync(content) : content;
    const encoded = new TextEncoder().encode(name);
    const sizes = [
      ...uint32(crc32(content)),
      ...uint32(data.length),
      ...uint32(content.length),
      ...uint16(encoded.length),
    ];
    const common = [...uint16(20), 0, 0, ...uint16(deflate ? 8 : 0), 0, 0, 0, 0, ...sizes];
    const local = Uint8Array.from([0x50, 0x4b, 3, 4, ...common, 0, 0, ...encoded]);
    const central = [
      0x50,
      0x4b,
      1,
      2,
      ...uint16(20),
      ...common,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      ...uint32(offset),
    ];
    directory.push(Uint8Array.from([...central, ...encoded]));
    parts.push(local, data);
    offset += local.length + data.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = uint16(entries.size);
  const end = Uint8Array.from([
    0x50,
    0x4b,
    5,
    6,
    0,
    0,
    0,
    0,
    ...count,
    ...count,
    ...uint32(size),
    ...uint32(offset),
    0,
    0,
  ]);
  return Buffer.concat([...parts, ...directory, end]);
}

/** A checkpoint in the format before PyTorch 1.6. */
export function legacyCheckpoint(state: ReadonlyMap<string, Written>): Uint8Array {
  const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
  const protocol = new PickleWriter().int(1001).end();
  const machine = new PickleWriter().raw(0x7d).end();
  const writer = new PickleWriter(true).value(state);
  const keys = new PickleWriter().raw(0x5d, 0x28);
  for (const key of writer.storages.keys()) keys.text(key);
  const data = [...writer.storages.values()].flatMap(({ bytes, length }) => [
    Uint8Array.from([...uint32(length), 0, 0, 0, 0]),
    bytes,
  ]);
  return Buffer.concat([
    Uint8Array.from(magic),
    protocol,
    machine,
    writer.end(),
    keys.raw(0x65).end(),
    ...data,
  ]);
}

function contiguous(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
}

function uint16(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff];
}

function uint32(value: number): number[] {
  return [...uint16(value & 0xffff), ...uint16(value >>> 16)];
}
