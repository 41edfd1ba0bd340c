import { crc32 } from 'node:zlib';
import { lz4Decompress } from '../compression/lz4-frame.js';
import type { Zstd } from '../compression/zstd.js';
import type { RandomAccessFile } from '../files/random-access-file.js';
import {
  type McapChannel,
  type McapMessage,
  type McapSchema,
  opcodes,
  parseChannel,
  parseChunkHeader,
  parseMessage,
  parseSchema,
  recordFrame,
} from './mcap-records.js';

/** Larger chunks do not fit into the decompressor's memory; recorders write about 1 MB. */
const MAX_CHUNK_BYTES = 1 << 30;

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

/** What a section holds, and what is wrong with it. */
export interface SectionContent {
  readonly messages: readonly McapMessage[];
  readonly schemas: readonly McapSchema[];
  readonly channels: readonly McapChannel[];
  readonly damage?: string;
}

const NOTHING: SectionContent = { messages: [], schemas: [], channels: [] };

/** Reads and parses a section; damage is part of the result. Messages that a failed CRC covers are not delivered. */
export async function loadSection(
  file: RandomAccessFile,
  section: McapSection,
  zstd: Zstd,
): Promise<SectionContent> {
  let bytes: Buffer;
  try {
    bytes = await file.read(section.offset, section.length);
  } catch (error) {
    return { ...NOTHING, damage: `unreadable: ${(error as Error).message}` };
  }
  if (section.kind === 'run') return parseRecords(bytes);

  const frame = recordFrame(bytes, 0);
  const header = frame && parseChunkHeader(bytes, frame.start, frame.end);
  if (frame?.opcode !== opcodes.chunk || header === undefined) {
    return { ...NOTHING, damage: 'no valid chunk header' };
  }
  const from = frame.start + header.headerLength;
  const stored = bytes.subarray(from, from + header.recordsLength);
  const isCut = stored.length < header.recordsLength;
  if (header.compression === '') {
    if (isCut) return { ...parseRecords(stored), damage: 'chunk is cut off' };
    return checked(stored, header.uncompressedCrc);
  }
  if (isCut) return { ...NOTHING, damage: `chunk (${header.compression}) is cut off` };
  if (header.uncompressedSize > MAX_CHUNK_BYTES) {
    return { ...NOTHING, damage: `chunk claims ${header.uncompressedSize} bytes` };
  }
  try {
    return checked(
      decompress(stored, header.compression, header.uncompressedSize, zstd),
      header.uncompressedCrc,
    );
  } catch (error) {
    return { ...NOTHING, damage: `chunk does not decompress (${(error as Error).message})` };
  }
}

function decompress(stored: Buffer, compression: string, size: number, zstd: Zstd): Buffer {
  if (size === 0) return Buffer.alloc(0);
  if (compression === 'zstd') return zstd.decompress(stored, size);
  if (compression === 'lz4') return lz4Decompress(stored, size);
  throw new RangeError(`unknown compression \`${compression}\`, expected \`zstd\`, \`lz4\` or none`);
}

function checked(records: Buffer, expectedCrc: number): SectionContent {
  if (expectedCrc !== 0 && crc32(records) !== expectedCrc)
    return { ...NOTHING, damage: 'chunk CRC mismatch' };
  return parseRecords(records);
}

/** Parses Schema, Channel and Message records up to the end or the first damage; messages in log time order. */
function parseRecords(bytes: Buffer): SectionContent {
  const messages: McapMessage[] = [];
  const schemas: McapSchema[] = [];
  const channels: McapChannel[] = [];
  let damage: string | undefined;
  let at = 0;
  let isSorted = true;
  try {
    while (at < bytes.length) {
      const frame = recordFrame(bytes, at);
      if (frame === undefined || frame.end > bytes.length) {
        damage = 'record runs over the end of its chunk';
        break;
      }
      if (frame.opcode === opcodes.message) {
        const message = parseMessage(bytes, frame.start, frame.end);
        const last = messages.at(-1);
        if (last !== undefined && last.logTimeNs > message.logTimeNs) isSorted = false;
        messages.push(message);
      } else if (frame.opcode === opcodes.schema) {
        schemas.push(parseSchema(bytes, frame.start, frame.end));
      } else if (frame.opcode === opcodes.channel) {
        channels.push(parseChannel(bytes, frame.start, frame.end));
      } else if (frame.opcode < opcodes.firstPrivate) {
        damage = `record of kind 0x${frame.opcode.toString(16)} where a message was expected`;
        break;
      }
      at = frame.end;
    }
  } catch (error) {
    damage = `damaged record (${(error as Error).message})`;
  }
  if (!isSorted)
    messages.sort((a, b) => (a.logTimeNs < b.logTimeNs ? -1 : a.logTimeNs > b.logTimeNs ? 1 : 0));
  return damage === undefined ? { messages, schemas, channels } : { messages, schemas, channels, damage };
}
