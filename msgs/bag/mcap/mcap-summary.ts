import { crc32 } from 'node:zlib';
import type { RandomAccessFile } from '../files/random-access-file.js';
import {
  MCAP_MAGIC,
  type McapChannel,
  type McapChunkIndex,
  type McapSchema,
  type McapStatistics,
  opcodes,
  parseChannel,
  parseChunkIndex,
  parseSchema,
  parseStatistics,
  RECORD_PREFIX,
  recordFrame,
} from './mcap-records.js';

/** What the end of an MCAP file says about the rest. It is a hint: the writer may have left out anything. */
export interface McapSummary {
  /** First byte after the data section. */
  readonly start: number;
  readonly schemas: readonly McapSchema[];
  readonly channels: readonly McapChannel[];
  readonly statistics?: McapStatistics;
  /** Chunks by their first byte. */
  readonly chunks: Map<number, McapChunkIndex>;
}

export type SummaryOutcome =
  | { readonly kind: 'present'; readonly summary: McapSummary }
  /** The writer left it out, which is no fault. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged' };

/** Footer record: summary start, summary offset start, summary CRC. */
const FOOTER_BYTES = RECORD_PREFIX + 8 + 8 + 4;
/** Summaries are kilobytes, of very long recordings megabytes; a larger one is a damaged offset. */
const MAX_SUMMARY_BYTES = 256 << 20;

/** Reads what stands between the data section and the end of the file. */
export async function readSummary(file: RandomAccessFile): Promise<SummaryOutcome> {
  const end = file.size - FOOTER_BYTES - MCAP_MAGIC.length;
  const footer = await file.read(end, file.size - end);
  const frame = end < MCAP_MAGIC.length ? undefined : recordFrame(footer, 0);
  if (
    frame?.opcode !== opcodes.footer ||
    frame.end !== FOOTER_BYTES ||
    !footer.subarray(FOOTER_BYTES).equals(MCAP_MAGIC)
  )
    return { kind: 'damaged' };
  const start = Number(footer.readBigUInt64LE(RECORD_PREFIX));
  if (start === 0) return { kind: 'absent' };
  if (start < MCAP_MAGIC.length || start > end || end - start > MAX_SUMMARY_BYTES) return { kind: 'damaged' };
  const bytes = await file.read(start, end - start);
  const crc = footer.readUInt32LE(FOOTER_BYTES - 4);
  if (crc !== 0 && crc32(footer.subarray(0, FOOTER_BYTES - 4), crc32(bytes)) !== crc)
    return { kind: 'damaged' };
  try {
    return { kind: 'present', summary: parse(bytes, start) };
  } catch {
    return { kind: 'damaged' };
  }
}

/** Throws where a record is damaged, or none of a summary. */
function parse(bytes: Buffer, start: number): McapSummary {
  const schemas: McapSchema[] = [];
  const channels: McapChannel[] = [];
  const chunks = new Map<number, McapChunkIndex>();
  let statistics: McapStatistics | undefined;
  for (let at = 0; at < bytes.length; ) {
    const frame = recordFrame(bytes, at);
    if (frame === undefined || frame.end > bytes.length) throw new RangeError('record runs over the end');
    const { opcode } = frame;
    if (opcode === opcodes.schema) schemas.push(parseSchema(bytes, frame.start, frame.end));
    else if (opcode === opcodes.channel) channels.push(parseChannel(bytes, frame.start, frame.end));
    else if (opcode === opcodes.statistics) statistics = parseStatistics(bytes, frame.start, frame.end);
    else if (opcode === opcodes.chunkIndex) {
      const chunk = parseChunkIndex(bytes, frame.start, frame.end);
      chunks.set(chunk.offset, chunk);
    } else if (IN_DATA.includes(opcode)) throw new RangeError('record of the data section');
    at = frame.end;
  }
  return { start, schemas, channels, chunks, ...(statistics && { statistics }) };
}

/** Records that stand before the summary only. */
const IN_DATA: readonly number[] = [
  opcodes.header,
  opcodes.message,
  opcodes.chunk,
  opcodes.messageIndex,
  opcodes.attachment,
  opcodes.dataEnd,
];
