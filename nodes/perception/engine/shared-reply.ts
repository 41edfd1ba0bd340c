/** Bytes of the state, before those of the text. */
const HEADER_BYTES = 8;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/**
 * One text from a worker to a thread that blocks until it is there: what a transition of a lifecycle node, which is
 * synchronous, needs. The buffer is shared with the worker in its `workerData`.
 */
export class SharedReply {
  readonly buffer: SharedArrayBuffer;
  /** [0]: 1 when the text is there, [1]: its bytes. */
  readonly #state: Int32Array;
  readonly #text: Uint8Array;

  /** @param buffer of another SharedReply; a new one of `capacity` bytes when left out */
  constructor(buffer?: SharedArrayBuffer, capacity = 1 << 20) {
    this.buffer = buffer ?? new SharedArrayBuffer(HEADER_BYTES + capacity);
    this.#state = new Int32Array(this.buffer, 0, 2);
    this.#text = new Uint8Array(this.buffer, HEADER_BYTES);
  }

  /** Wakes whoever waits; a text beyond the capacity is cut, a second one is ignored. */
  send(text: string): void {
    if (Atomics.load(this.#state, 0) === 1) return;
    const bytes = ENCODER.encode(text).subarray(0, this.#text.length);
    this.#text.set(bytes);
    Atomics.store(this.#state, 1, bytes.length);
    Atomics.store(this.#state, 0, 1);
    Atomics.notify(this.#state, 0);
  }

  /** Blocks this thread until the text is there; undefined when it is not within `timeoutMs`. */
  wait(timeoutMs: number): string | undefined {
    if (Atomics.wait(this.#state, 0, 0, timeoutMs) === 'timed-out') return undefined;
    // TextDecoder refuses shared memory.
    return DECODER.decode(this.#text.slice(0, Atomics.load(this.#state, 1)));
  }
}
