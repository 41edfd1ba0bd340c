import { crc32 } from 'node:zlib';
import { LZ4_HIGHEST_RATIO, lz4Decompress } from '../compression/lz4-frame.js';
import type { Zstd } from '../compression/zstd.js';
import { zstdLargestContent } from '../compression/zstd-frame.js';
import type { RandomAccessFile } from '../files/random-access-file.js';
import type { ReadBudget } from '../read-budget.js';
import { MAX_DEFINITION_BYTES } from './mcap-definitions.js';
import {
  type McapChannel,
  type McapSchema,
  MESSAGE_FIXED,
  opcodes,
  parseChannel,
  parseChunkHeader,
  parseSchema,
  recordFrame,
} from './mcap-records.js';

/** Larger chunks are not held in memory; recorders write about 1 MB. */
const MAX_CHUNK_BYTES = 512 << 20;
/** What a small chunk may unpack to, and how much more for each of its bytes. */
const LEAST_UNPACKED_BYTES = 128 << 20;
const UNPACKED_PER_BYTE = 20;

/** A part of an MCAP file that holds messages: a chunk record, or a run of records outside of chunks. */
export interface McapSection {
  readonly kind: 'chunk' | 'run';
  /** First byte: of the chunk's record, or of the run's first record. */
  readonly offset: number;
  readonly length: number;
  /** Log times of its messages lie in [startNs, endNs]. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Channels with messages in it, where known. */
  readonly channelIds?: ReadonlySet<number>;
  readonly messageCount?: number;
  /** The file ends, or garbage begins, before the section does. */
  readonly cut?: boolean;
}

/** Told of the records of a section in their order. */
export interface SectionVisitor {
  /** The records that follow lie in these bytes. */
  begin?(records: Buffer): void;
  schema(schema: McapSchema): void;
  channel(channel: McapChannel): void;
  /** Content of a message record; its first 22 bytes are there. */
  message(records: Buffer, start: number, end: number): void;
}

/**
 * Reads a section and tells `visitor` of its records, up to the end or the first damage. Nothing is told of a chunk
 * whose CRC fails, nor of one that unpacks to more than `budget` has left.
 * @returns what is wrong with the section, if anything.
 */
export async function readSection(
  file: RandomAccessFile,
  section: McapSection,
  zstd: Zstd,
  budget: ReadBudget,
  visitor: SectionVisitor,
): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    if (section.length > MAX_CHUNK_BYTES) return `${section.length} bytes, more than fit into memory`;
    bytes = await file.read(section.offset, section.length);
  } catch (error) {
    return `unreadable: ${(error as Error).message}`;
  }
  if (section.kind === 'run') return visitRecords(bytes, visitor);

  const frame = recordFrame(bytes, 0);
  const header = frame && parseChunkHeader(bytes, frame.start, frame.end);
  if (frame?.opcode !== opcodes.chunk || header === undefined) return 'no valid chunk header';
  const { compression, uncompressedSize, uncompressedCrc } = header;
  const from = frame.start + header.headerLength;
  const stored = bytes.subarray(from, from + header.recordsLength);
  const isCut = stored.length < header.recordsLength;
  if (compression === '') {
    if (!isCut) return visitChecked(stored, uncompressedCrc, visitor);
    visitRecords(stored, visitor);
    return 'chunk is cut off';
  }
  if (isCut) return `chunk (${compression}) is cut off`;
  if (uncompressedSize > largestContent(stored, compression))
    return `chunk of ${stored.length} bytes claims ${uncompressedSize} bytes`;
  const most = Math.min(MAX_CHUNK_BYTES, LEAST_UNPACKED_BYTES + UNPACKED_PER_BYTE * stored.length);
  if (uncompressedSize > most)
    return `chunk unpacks to ${uncompressedSize} bytes, more than the ${most} of its budget`;
  if (!budget.spend(uncompressedSize))
    return `chunk unpacks to ${uncompressedSize} bytes, more than is left of the budget of its file`;
  let records: Buffer;
  try {
    records = decompress(stored, compression, uncompressedSize, zstd);
  } catch (error) {
    return `chunk does not decompress (${(error as Error).message})`;
  }
  return visitChecked(records, uncompressedCrc, visitor);
}

/** Bytes that no intact content of `stored` exceeds. */
function largestContent(stored: Buffer, compression: string): number {
  return compression === 'zstd' ? zstdLargestContent(stored) : LZ4_HIGHEST_RATIO * stored.length;
}

function decompress(stored: Buffer, compression: string, size: number, zstd: Zstd): Buffer {
  if (size === 0) return Buffer.alloc(0);
  if (compression === 'zstd') return zstd.decompress(stored, size);
  if (compression === 'lz4') return lz4Decompress(stored, size);
  throw new RangeError(`unknown compression \`${compression}\`, expected \`zstd\`, \`lz4\` or none`);
}

function visitChecked(records: Buffer, expectedCrc: number, visitor: SectionVisitor): string | undefined {
  if (expectedCrc !== 0 && crc32(records) !== expectedCrc) return 'chunk CRC mismatch';
  return visitRecords(records, visitor);
}

/** Schema, Channel and Message records up to the end or the first damage. */
function visitRecords(bytes: Buffer, visitor: SectionVisitor): string | undefined {
  visitor.begin?.(bytes);
  try {
    for (let at = 0; at < bytes.length; ) {
      const frame = recordFrame(bytes, at);
      if (frame === undefined || frame.end > bytes.length) return 'record runs over the end of its chunk';
      const { opcode, start, end } = frame;
      if (opcode === opcodes.message) {
        if (end - start < MESSAGE_FIXED) throw new RangeError('message record is too short');
        visitor.message(bytes, start, end);
      } else if (opcode === opcodes.schema || opcode === opcodes.channel) {
        if (end - start > MAX_DEFINITION_BYTES) throw new RangeError('definition is too long');
        if (opcode === opcodes.schema) visitor.schema(parseSchema(bytes, start, end));
        else visitor.channel(parseChannel(bytes, start, end));
      } else if (opcode < opcodes.firstPrivate) {
        return `record of kind 0x${opcode.toString(16)} where a message was expected`;
      }
      at = end;
    }
  } catch (error) {
    return `damaged record (${(error as Error).message})`;
  }
  return undefined;
}
