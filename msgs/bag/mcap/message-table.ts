import { type McapMessage, parseMessage, RECORD_PREFIX, recordFrame } from './mcap-records.js';

const FIRST_SIZE = 256;

/** Messages of one chunk in log time order: 4 bytes of memory each beside the chunk, 12 where they are not in order. */
export class MessageTable {
  readonly #bytes: Buffer;
  #starts = new Uint32Array(FIRST_SIZE);
  #length = 0;
  #lastNs = 0n;
  #isSorted = true;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes that the messages keep in memory. */
  get heldBytes(): number {
    return this.#bytes.length + this.#starts.byteLength;
  }

  /** Adds the message whose record content begins at `start`. */
  add(start: number): void {
    if (this.#length === this.#starts.length) {
      const grown = new Uint32Array(2 * this.#length);
      grown.set(this.#starts);
      this.#starts = grown;
    }
    const timeNs = this.#bytes.readBigUInt64LE(start + 6);
    if (timeNs < this.#lastNs) this.#isSorted = false;
    this.#lastNs = timeNs;
    this.#starts[this.#length++] = start;
  }

  /** Brings them into log time order; those of one time stay as recorded. */
  sort(): void {
    if (this.#isSorted) return;
    const times = new BigUint64Array(this.#length);
    for (let at = 0; at < times.length; at++) times[at] = this.timeNs(at);
    const order = Uint32Array.from(times, (_, at) => at);
    order.sort((a, b) => {
      const [first = 0n, second = 0n] = [times[a], times[b]];
      return first < second ? -1 : first > second ? 1 : a - b;
    });
    this.#starts = order.map((at) => this.#starts[at] ?? 0);
    this.#isSorted = true;
  }

  timeNs(at: number): bigint {
    return this.#bytes.readBigUInt64LE((this.#starts[at] ?? 0) + 6);
  }

  message(at: number): McapMessage {
    const start = this.#starts[at] ?? 0;
    const end = recordFrame(this.#bytes, start - RECORD_PREFIX)?.end ?? start;
    return parseMessage(this.#bytes, start, end);
  }
}
