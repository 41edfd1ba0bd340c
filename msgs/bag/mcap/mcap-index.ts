import type { McapDefinitions } from './mcap-definitions.js';
import type { McapSection } from './mcap-section.js';

/** Where the messages of an MCAP file are, and what they are. */
export interface McapIndex {
  /** In the order of the file; none overlaps another. */
  readonly sections: readonly McapSection[];
  readonly definitions: McapDefinitions;
  /** Messages that the file announces, by channel id: its statistics, or else the message indexes of its chunks. */
  readonly announced: ReadonlyMap<number, number>;
  /** Whether every chunk could be counted; else a channel without messages may have some. */
  readonly isCounted: boolean;
  readonly announcedBy: 'statistics' | 'message indexes';
  /** Where the data section ends, and the CRC of all before, if the writer gave one. */
  readonly dataEnd?: { readonly offset: number; readonly crc: number };
}
