import type { FoxgloveChannel } from '../../transport/foxglove/foxglove-messages.js';

export interface ViewChannel extends FoxgloveChannel {
  /** Late listeners get the last message. */
  readonly latched: boolean;
}

/** A message on its way to those who look; what is made of it is made once for all of them, and only if somebody asks. */
export class ViewMessage {
  readonly channel: ViewChannel;
  readonly logTimeNs: bigint;
  /** performance.now() at which it was published. */
  readonly publishedMs = performance.now();
  readonly #made = new Map<string, unknown>();
  #cdr: Uint8Array;
  #isCopy = false;

  /** @param cdr valid only until the publisher has it back: see `copy` */
  constructor(channel: ViewChannel, cdr: Uint8Array, logTimeNs: bigint) {
    this.channel = channel;
    this.logTimeNs = logTimeNs;
    this.#cdr = cdr;
  }

  /** To be read now, not kept. */
  get cdr(): Uint8Array {
    return this.#cdr;
  }

  /** To be kept. */
  copy(): Uint8Array {
    if (!this.#isCopy) {
      this.#cdr = this.#cdr.slice();
      this.#isCopy = true;
    }
    return this.#cdr;
  }

  /**
   * Keeps the message for later in memory that is used again: `cdr` is good until that memory is given to another message.
   * @returns the memory: `memory` where that is large enough
   */
  hold(memory: Uint8Array | undefined): Uint8Array {
    const { byteLength } = this.#cdr;
    const slot =
      memory !== undefined && memory.byteLength >= byteLength ? memory : new Uint8Array(byteLength);
    if (this.#isCopy) return slot;
    slot.set(this.#cdr);
    this.#cdr = slot.subarray(0, byteLength);
    return slot;
  }

  /** What `make` makes of the message, the first time. */
  once<T>(what: string, make: (cdr: Uint8Array) => T): T {
    if (!this.#made.has(what)) this.#made.set(what, make(this.#cdr));
    return this.#made.get(what) as T; // of this very `what`
  }
}
