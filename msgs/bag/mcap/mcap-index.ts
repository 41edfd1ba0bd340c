import { McapIndexedReader } from '@mcap/core';
import type { RandomAccessFile } from '../files/random-access-file.js';
import type { McapChannel, McapSchema } from './mcap-records.js';
import type { McapSection } from './mcap-section.js';

/** Schemas and channels by their ids. */
export interface Definitions {
  readonly schemas: ReadonlyMap<number, McapSchema>;
  readonly channels: ReadonlyMap<number, McapChannel>;
}

/** Where the messages of an MCAP file are, and what they are. */
export interface McapIndex extends Definitions {
  readonly sections: readonly McapSection[];
  /** Messages by channel id, where known. */
  readonly messageCounts?: ReadonlyMap<number, number>;
}

export type SummaryOutcome =
  | { readonly kind: 'index'; readonly index: McapIndex }
  /** The writer left the chunk index out, which is no fault; definitions may be there. */
  | ({ readonly kind: 'absent' } & Definitions)
  | { readonly kind: 'damaged'; readonly what: string };

/** Summaries are kilobytes; a larger one is a damaged offset, and is not read into memory. */
const MAX_SUMMARY_BYTES = 256 << 20;

/** Reads the index at the end of the file. */
export async function readSummary(file: RandomAccessFile): Promise<SummaryOutcome> {
  let reader: McapIndexedReader;
  try {
    reader = await McapIndexedReader.Initialize({
      readable: {
        size: async () => BigInt(file.size),
        read: async (offset, length) => {
          if (length > MAX_SUMMARY_BYTES || offset + length > file.size)
            throw new Error('index lies outside the file');
          return await file.read(Number(offset), Number(length));
        },
      },
    });
  } catch (error) {
    const { message } = error as Error;
    if (message.includes('not indexed')) return { kind: 'absent', schemas: new Map(), channels: new Map() };
    return { kind: 'damaged', what: 'the index at its end is missing or damaged' };
  }
  const { statistics, chunkIndexes } = reader;
  const definitions = definitionsOf(reader);
  const isSilent = chunkIndexes.length === 0 && statistics?.messageCount !== 0n;
  if (isSilent || definitions.channels.size === 0) return { kind: 'absent', ...definitions };
  if (chunkIndexes.some((chunk) => chunk.chunkStartOffset + chunk.chunkLength > BigInt(file.size))) {
    return { kind: 'damaged', what: 'the index at its end points outside the file' };
  }
  const sections = chunkIndexes.map(
    (chunk): McapSection => ({
      kind: 'chunk',
      offset: Number(chunk.chunkStartOffset),
      length: Number(chunk.chunkLength),
      startNs: chunk.messageStartTime,
      endNs: chunk.messageEndTime,
      // A chunk without message indexes may hold any channel.
      ...(chunk.messageIndexOffsets.size > 0 && { channelIds: new Set(chunk.messageIndexOffsets.keys()) }),
    }),
  );
  const counts = statistics && [...statistics.channelMessageCounts];
  const messageCounts = counts && new Map(counts.map(([id, count]) => [id, Number(count)]));
  return { kind: 'index', index: { sections, ...definitions, ...(messageCounts && { messageCounts }) } };
}

function definitionsOf({ schemasById, channelsById }: McapIndexedReader): Definitions {
  const schemas = new Map<number, McapSchema>();
  for (const [id, { name, encoding, data }] of schemasById) {
    schemas.set(id, { id, name, encoding, text: new TextDecoder().decode(data) });
  }
  const channels = new Map<number, McapChannel>();
  for (const [id, { schemaId, topic, messageEncoding: encoding, metadata }] of channelsById) {
    channels.set(id, { id, schemaId, topic, encoding, metadata });
  }
  return { schemas, channels };
}
