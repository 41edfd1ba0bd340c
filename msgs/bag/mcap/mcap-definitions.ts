import { isDeepStrictEqual } from 'node:util';
import type { McapChannel, McapSchema } from './mcap-records.js';

/** Longer definitions do not occur. */
export const MAX_DEFINITION_BYTES = 16 << 20;
/** Text of all definitions that are kept. */
const MAX_TEXT = 64 << 20;

/**
 * The schemas and channels of a file by their ids, gathered wherever they stand. Definitions with one id have to be the same; the
 * first one is kept.
 */
export class McapDefinitions {
  readonly schemas = new Map<number, McapSchema>();
  readonly channels = new Map<number, McapChannel>();
  /** What was defined in two ways, and so may be taken for something else: `channel 3`. */
  readonly contradictions = new Set<string>();
  #text = 0;

  /** Schema 0 is none, by the specification. @returns whether it was new. */
  addSchema(schema: McapSchema): boolean {
    return schema.id !== 0 && this.#add(this.schemas, schema, schema.text.length, 'schema');
  }

  /** @returns whether it was new. */
  addChannel(channel: McapChannel): boolean {
    let length = channel.topic.length;
    for (const [key, value] of channel.metadata) length += key.length + value.length;
    return this.#add(this.channels, channel, length, 'channel');
  }

  /** Whether it is known what the messages of the channel are. Schema 0 says that there is none. */
  isKnown(channelId: number): boolean {
    const channel = this.channels.get(channelId);
    return channel !== undefined && (channel.schemaId === 0 || this.schemas.has(channel.schemaId));
  }

  #add<T extends { readonly id: number }>(
    known: Map<number, T>,
    added: T,
    text: number,
    kind: string,
  ): boolean {
    const before = known.get(added.id);
    if (before !== undefined) {
      if (!isDeepStrictEqual(before, added)) this.contradictions.add(`${kind} ${added.id}`);
      return false;
    }
    if (this.#text + text > MAX_TEXT) return false;
    this.#text += text;
    known.set(added.id, added);
    return true;
  }
}
