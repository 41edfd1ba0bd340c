import { compressImage } from '../../msgs/picture/compress-image.js';
import type { OutputMessage, OutputTopic, Sink } from '../transport/transport.js';
import type { OfferedOutput } from './perception-topics.js';

/** Publishes images compressed too, beside and after themselves, on the topics of `outputs` that are wanted. */
export class CompressingSink implements Sink {
  readonly #sink: Sink;
  readonly #compressed = new Map<string, OfferedOutput[]>();
  readonly #wanted: (topic: string) => boolean;

  /** @param wanted asked for every message; all are where it is left out */
  constructor(
    sink: Sink,
    outputs: readonly OfferedOutput[],
    wanted: (topic: string) => boolean = () => true,
  ) {
    this.#sink = sink;
    this.#wanted = wanted;
    for (const output of outputs) {
      if (output.compressionOf === undefined) continue;
      const { topic } = output.compressionOf;
      this.#compressed.set(topic, [...(this.#compressed.get(topic) ?? []), output]);
    }
  }

  async advertise(topic: OutputTopic): Promise<void> {
    await this.#sink.advertise(topic);
  }

  async publish(message: OutputMessage): Promise<void> {
    await this.#sink.publish(message);
    for (const { topic, compressionOf } of this.#compressed.get(message.topic) ?? []) {
      if (compressionOf === undefined || !this.#wanted(topic)) continue;
      const cdr = await compressImage(message.cdr, compressionOf.compression);
      await this.#sink.publish({ topic, cdr, logTimeNs: message.logTimeNs });
    }
  }

  async close(): Promise<void> {
    await this.#sink.close();
  }
}
