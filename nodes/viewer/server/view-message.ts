import type { FoxgloveChannel } from '../../transport/foxglove/foxglove-messages.js';
import type { OutputMessage } from '../../transport/transport.js';

export interface ViewChannel extends FoxgloveChannel {
  /** Late listeners get the last message. */
  readonly latched: boolean;
}

/** A message that is made only if somebody looks at it. */
export interface LazyMessage extends Pick<OutputMessage, 'topic' | 'logTimeNs'> {
  /** Makes the message, of what nobody else writes. The bytes are the caller's. */
  readonly make: () => Uint8Array;
  /** About how many bytes it will have. */
  readonly byteLength: number;
}

const NOTHING = new Uint8Array();

/** A message on its way to those who look. What is made of it is made once for all of them, and only if somebody asks. */
export class ViewMessage {
  readonly channel: ViewChannel;
  readonly logTimeNs: bigint;
  /** performance.now() at which it was published. */
  readonly publishedMs = performance.now();
  readonly #made = new Map<string, unknown>();
  #make: (() => Uint8Array) | undefined;
  #cdr: Uint8Array;
  readonly #byteLength: number;
  #keep: OutputMessage['keep'];
  #letGo: (() => void) | undefined;
  #isOwn = false;

  constructor(channel: ViewChannel, message: OutputMessage | LazyMessage) {
    this.channel = channel;
    this.logTimeNs = message.logTimeNs;
    if ('make' in message) {
      this.#make = message.make;
      this.#cdr = NOTHING;
      this.#byteLength = message.byteLength;
    } else {
      this.#cdr = message.cdr;
      this.#byteLength = message.cdr.byteLength;
      this.#keep = message.keep;
    }
  }

  /** To be read now, not kept. @throws MessageError when a message that is made now cannot be made */
  get cdr(): Uint8Array {
    if (this.#make !== undefined) {
      this.#cdr = this.#make();
      this.#make = undefined;
      this.#isOwn = true;
    }
    return this.#cdr;
  }

  /** About as many bytes as it has. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** To be kept. @throws as `cdr` does */
  copy(): Uint8Array {
    const { cdr } = this;
    if (!this.#isOwn) {
      this.#cdr = cdr.slice();
      this.#isOwn = true;
      this.letGo();
    }
    return this.#cdr;
  }

  /**
   * Keeps the message for later, until `letGo`: without a copy where its publisher lets it, else in memory that is used again.
   * Call it before its publisher has the bytes back.
   * @param memory given to an earlier message that nobody reads any more
   * @returns the memory for the next message: `memory`, or a larger one that this message lies in
   */
  hold(memory: Uint8Array | undefined): Uint8Array | undefined {
    if (this.#isOwn || this.#make !== undefined || this.#letGo !== undefined) return memory;
    if (this.#keep !== undefined) {
      this.#letGo = this.#keep();
      return memory;
    }
    const { byteLength } = this.#cdr;
    const slot =
      memory !== undefined && memory.byteLength >= byteLength ? memory : new Uint8Array(byteLength);
    slot.set(this.#cdr);
    this.#cdr = slot.subarray(0, byteLength);
    return slot;
  }

  /** Nobody reads the bytes any more. Copies stay good. */
  letGo(): void {
    this.#letGo?.();
    this.#letGo = undefined;
    if (!this.#isOwn) this.#cdr = NOTHING;
    this.#make = undefined;
  }

  /** What `make` makes of the message, the first time. */
  once<T>(what: string, make: () => T): T {
    if (!this.#made.has(what)) this.#made.set(what, make());
    return this.#made.get(what) as T; // of this very `what`
  }
}
