import { crc32, inflateRawSync } from 'node:zlib';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  /** Offset of the local header. */
  readonly offset: number;
}

const END_RECORD = 0x06054b50;
const END64_LOCATOR = 0x07064b50;
const END64_RECORD = 0x06064b50;
const CENTRAL_HEADER = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
const UNKNOWN32 = 0xffffffff;
/** Deflate shrinks nothing by more than this factor: a larger claim is a trap. */
const MOST_DEFLATION = 1032;
/** Largest size of a deflated entry, unpacked, bytes. Stored entries take no memory of their own. */
const MOST_UNPACKED_BYTES = 2 ** 30;

/**
 * The zip container of a PyTorch checkpoint, read from memory. Entries that are stored are views, deflated ones are unpacked
 * when they are asked for, never to more than the directory says. Zip64 is understood (PyTorch always writes its records).
 * Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
 */
export class ZipArchive {
  readonly #bytes: Uint8Array;
  readonly #source: string;
  readonly #entries: ReadonlyMap<string, Entry>;

  /** @throws TrainingError when the file is cut off or its directory makes no sense. */
  constructor(bytes: Uint8Array, source: string) {
    this.#bytes = bytes;
    this.#source = source;
    this.#entries = this.#readDirectory();
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** @throws TrainingError when there is no such entry or it is damaged. */
  read(name: string): Uint8Array {
    const entry = this.#entries.get(name);
    if (entry === undefined) return this.#fail(`it has no entry \`${name}\``);
    const view = this.#view(entry.offset, 30, `the header of \`${name}\``);
    if (view.getUint32(0, true) !== LOCAL_HEADER)
      return this.#fail(`the entry \`${name}\` is not where the directory says`);
    const start = entry.offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
    if (start + entry.compressedBytes > this.#bytes.byteLength)
      return this.#fail(`the entry \`${name}\` reaches beyond the end of the file`);
    const raw = this.#bytes.subarray(start, start + entry.compressedBytes);
    const data = entry.method === STORED ? raw : this.#inflate(raw, entry);
    if (data.byteLength !== entry.bytes)
      return this.#fail(`the entry \`${name}\` has ${data.byteLength} bytes, expected \`${entry.bytes}\``);
    if (crc32(data) !== entry.crc)
      return this.#fail(
        `the checksum of \`${name}\` does not fit: the file is damaged (or was saved after ` +
          '`torch.serialization.set_crc32_options(False)`; save it again without)',
      );
    return data;
  }

  #inflate(raw: Uint8Array, entry: Entry): Uint8Array {
    try {
      return inflateRawSync(raw, { maxOutputLength: Math.max(1, entry.bytes) });
    } catch (cause) {
      return this.#fail(`the entry \`${entry.name}\` cannot be unpacked (${messageOf(cause)})`);
    }
  }

  #readDirectory(): Map<string, Entry> {
    const { count, offset, bytes, end } = this.#findDirectory();
    if (offset + bytes > end) return this.#fail('its directory reaches beyond the end of the file');
    const entries = new Map<string, Entry>();
    let at = offset;
    for (let i = 0; i < count; i++) {
      const entry = this.#readEntry(at, offset + bytes);
      at = entry.next;
      const most = Math.min(entry.compressedBytes * MOST_DEFLATION + 64, MOST_UNPACKED_BYTES);
      if (entry.method === DEFLATED && entry.bytes > most)
        return this.#fail(`the entry \`${entry.name}\` claims ${entry.bytes} bytes, more than is plausible`);
      if (entries.has(entry.name)) return this.#fail(`it has two entries \`${entry.name}\``);
      entries.set(entry.name, entry);
    }
    return entries;
  }

  /** Where the directory lies, from the end record; it stands before a comment of at most 65535 bytes. */
  #findDirectory(): { count: number; offset: number; bytes: number; end: number } {
    const size = this.#bytes.byteLength;
    const view = this.#view(0, size, 'the file');
    let end = size - 22;
    const earliest = Math.max(0, end - 0xffff);
    while (end >= earliest && view.getUint32(end, true) !== END_RECORD) end -= 1;
    if (end < earliest) return this.#fail('its end is missing: the file was cut off, download it again');
    const record = {
      count: view.getUint16(end + 10, true),
      bytes: view.getUint32(end + 12, true),
      offset: view.getUint32(end + 16, true),
      end,
    };
    const locator = end - 20;
    if (locator < 0 || view.getUint32(locator, true) !== END64_LOCATOR) return record;
    const at = Number(view.getBigUint64(locator + 8, true));
    const view64 = this.#view(at, 56, 'the zip64 end record');
    if (view64.getUint32(0, true) !== END64_RECORD) return this.#fail('its zip64 end record is missing');
    return {
      count: Number(view64.getBigUint64(32, true)),
      bytes: Number(view64.getBigUint64(40, true)),
      offset: Number(view64.getBigUint64(48, true)),
      end: at,
    };
  }

  #readEntry(at: number, end: number): Entry & { next: number } {
    const view = this.#view(at, 46, 'the directory');
    if (view.getUint32(0, true) !== CENTRAL_HEADER) return this.#fail('its directory is damaged');
    const nameBytes = view.getUint16(28, true);
    const extraBytes = view.getUint16(30, true);
    const next = at + 46 + nameBytes + extraBytes + view.getUint16(32, true);
    if (next > end) return this.#fail('its directory is damaged: an entry reaches beyond it');
    const name = new TextDecoder().decode(this.#bytes.subarray(at + 46, at + 46 + nameBytes));
    const method = view.getUint16(10, true);
    if ((view.getUint16(8, true) & ENCRYPTED) !== 0) return this.#fail(`the entry \`${name}\` is encrypted`);
    if (method !== STORED && method !== DEFLATED)
      return this.#fail(
        `the entry \`${name}\` is compressed by method ${method}; expected stored or deflated`,
      );
    const large = this.#largeFields(at + 46 + nameBytes, extraBytes, [
      view.getUint32(24, true),
      view.getUint32(20, true),
      view.getUint32(42, true),
    ]);
    const [bytes = 0, compressedBytes = 0, offset = 0] = large;
    const crc = view.getUint32(16, true);
    return { name, method, crc, bytes, compressedBytes, offset, next };
  }

  /** Sizes and offset that do not fit 32 bits stand, in this order, in the extra field 1. */
  #largeFields(at: number, length: number, fields: readonly number[]): number[] {
    if (!fields.includes(UNKNOWN32)) return [...fields];
    const view = this.#view(at, length, 'the directory');
    for (let offset = 0; offset + 4 <= length; ) {
      const bytes = view.getUint16(offset + 2, true);
      if (view.getUint16(offset, true) === 1) {
        let from = offset + 4;
        const end = Math.min(from + bytes, length);
        return fields.map((field) => {
          if (field !== UNKNOWN32) return field;
          if (from + 8 > end) return this.#fail('its directory is damaged: a zip64 field is too short');
          from += 8;
          return Number(view.getBigUint64(from - 8, true));
        });
      }
      offset += 4 + bytes;
    }
    return this.#fail('its directory is damaged: a zip64 field is missing');
  }

  #view(offset: number, length: number, what: string): DataView {
    if (offset < 0 || !(offset + length <= this.#bytes.byteLength))
      return this.#fail(`${what} reaches beyond the end of the file`);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + offset, length);
  }

  #fail(why: string): never {
    throw new TrainingError(`${this.#source} is no usable zip file: ${why}.`);
  }
}
