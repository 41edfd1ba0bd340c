import type { BagWriter } from '../../../msgs/bag/bag-writer.js';
import { NodeError } from '../../errors.js';
import type { OutputMessage, OutputTopic, Sink } from '../transport.js';

/** Writes messages into a bag, and counts them. */
export class BagSink implements Sink {
  readonly #writer: BagWriter;
  readonly #channels = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  #bytes = 0;

  /** @param writer the bag that messages go to; `close` finishes it */
  constructor(writer: BagWriter) {
    this.#writer = writer;
  }

  /** Number of messages written, by topic. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Announces a topic. @throws MessageError if it was announced already, or the bag cannot take it. */
  async advertise(topic: OutputTopic): Promise<void> {
    this.#channels.set(topic.topic, await this.#writer.addTopic(topic));
    this.#counts.set(topic.topic, 0);
  }

  /** Writes a message, and resolves when the disk has it. @throws NodeError if its topic was not announced; MessageError if the bag cannot take it. */
  async publish({ topic, cdr, logTimeNs }: OutputMessage): Promise<void> {
    const channel = this.#channels.get(topic);
    if (channel === undefined) throw new NodeError(`topic \`${topic}\` was not advertised`, { topic });
    const { byteLength } = cdr;
    await this.#writer.write(channel, cdr, logTimeNs);
    this.#counts.set(topic, (this.#counts.get(topic) ?? 0) + 1);
    this.#bytes += byteLength;
  }

  /** Finishes the bag. */
  async close(): Promise<void> {
    await this.#writer.close();
  }
}
