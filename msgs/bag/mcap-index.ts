import { McapIndexedReader } from '@mcap/core';
import type { McapChannel, McapSchema } from './mcap-records.js';
import type { McapSection } from './mcap-section.js';
import type { RandomAccessFile } from './random-access-file.js';

/** Where the messages of an MCAP file are, and what they are. */
export interface McapIndex {
  readonly sections: readonly McapSection[];
  readonly schemas: ReadonlyMap<number, McapSchema>;
  readonly channels: ReadonlyMap<number, McapChannel>;
  /** Messages by channel id, where known. */
  readonly messageCounts?: ReadonlyMap<number, number>;
}

export type SummaryOutcome =
  | { readonly kind: 'index'; readonly index: McapIndex }
  /** The writer left the index out: not a fault. */
  | { readonly kind: 'absent' }
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
    if (message.includes('not indexed')) return { kind: 'absent' };
    return { kind: 'damaged', what: 'the index at its end is missing or damaged' };
  }
  const { statistics, chunkIndexes, channelsById } = reader;
  const hasUnchunked =
    statistics !== undefined && statistics.messageCount > 0n && statistics.chunkCount === 0;
  if (hasUnchunked || channelsById.size === 0 || (chunkIndexes.length === 0 && statistics === undefined)) {
    return { kind: 'absent' };
  }
  const chunksOutside = chunkIndexes.some(
    (chunk) => chunk.chunkStartOffset + chunk.chunkLength > BigInt(file.size),
  );
  if (chunksOutside) return { kind: 'damaged', what: 'the index at its end points outside the file' };
  return {
    kind: 'index',
    index: {
      sections: chunkIndexes.map((chunk) => ({
        kind: 'chunk',
        offset: Number(chunk.chunkStartOffset),
        length: Number(chunk.chunkLength),
        startNs: chunk.messageStartTime,
        endNs: chunk.messageEndTime,
        // A chunk without message indexes may hold any channel.
        ...(chunk.messageIndexOffsets.size > 0
          ? { channelIds: new Set(chunk.messageIndexOffsets.keys()) }
          : {}),
      })),
      schemas: new Map(
        [...reader.schemasById].map(([id, { name, encoding, data }]) => [
          id,
          {
            id,
            name,
            encoding,
            text: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'),
          },
        ]),
      ),
      channels: new Map(
        [...channelsById].map(([id, channel]) => [
          id,
          {
            id,
            schemaId: channel.schemaId,
            topic: channel.topic,
            encoding: channel.messageEncoding,
            metadata: channel.metadata,
          },
        ]),
      ),
      ...(statistics === undefined
        ? {}
        : {
            messageCounts: new Map(
              [...statistics.channelMessageCounts].map(([id, count]) => [id, Number(count)]),
            ),
          }),
    },
  };
}
