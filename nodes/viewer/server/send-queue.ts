/** What a queue needs of a WebSocket of `ws`. */
export interface QueuedSocket {
  readonly OPEN: number;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(
    data: string | Uint8Array,
    options: { readonly binary: boolean; readonly fin: boolean },
    done: (error?: Error) => void,
  ): void;
  terminate(): void;
}

/** Bytes on the way to a client beyond which messages wait, and newer ones take the place of waiting ones. */
const MOST_BUFFERED = 4 << 20;
/** Bytes of waiting messages: beyond, the oldest are dropped. */
const MOST_WAITING = 64 << 20;
/** A client that reads nothing and goes on asking is sent away. */
const MOST_UNREAD = 16 << 20;

interface Waiting {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

/**
 * What goes out to one client. Latest wins: of each key one message waits, the newest, and nothing grows with the time that
 * a client does not read.
 */
export class SendQueue {
  readonly #socket: QueuedSocket;
  readonly #work: (task: () => void) => void;
  readonly #waiting = new Map<string, Waiting>();
  #waitingBytes = 0;
  #dropped = 0;

  /** @param work does what takes processor time, and may count that */
  constructor(socket: QueuedSocket, work: (task: () => void) => void = (task) => task()) {
    this.#socket = socket;
    this.#work = work;
  }

  /** Messages that newer ones took the place of. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes held for the client. */
  get heldBytes(): number {
    return this.#waitingBytes + this.#socket.bufferedAmount;
  }

  /** Sends a short message that must not be left out. */
  send(data: string | Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MOST_UNREAD) {
      this.#socket.terminate();
      return;
    }
    this.#work(() => {
      this.#socket.send(data, { binary: typeof data !== 'string', fin: true }, () => this.#flush());
    });
  }

  /**
   * Sends one message, in parts that are not copied, when the client has room for it.
   * @param key the message takes the place of one with the same key that still waits
   */
  offer(key: string, parts: readonly Uint8Array[]): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#waiting.size === 0 && this.#socket.bufferedAmount < MOST_BUFFERED) {
      this.#write(parts);
      return;
    }
    this.#drop(key);
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    this.#waiting.set(key, { parts, bytes });
    this.#waitingBytes += bytes;
    for (const oldest of this.#waiting.keys()) {
      if (this.#waitingBytes <= MOST_WAITING || this.#waiting.size === 1) break;
      this.#drop(oldest);
    }
  }

  /** Forgets what waits under a key: nobody wants it any more. */
  forget(key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    this.#waitingBytes -= waiting.bytes;
  }

  #drop(key: string): void {
    if (this.#waiting.has(key)) this.#dropped += 1;
    this.forget(key);
  }

  #flush(): void {
    for (const [key, { parts }] of this.#waiting) {
      if (this.#socket.readyState !== this.#socket.OPEN || this.#socket.bufferedAmount >= MOST_BUFFERED)
        return;
      this.forget(key);
      this.#write(parts);
    }
  }

  /** The parts go out in one turn: nothing comes between. */
  #write(parts: readonly Uint8Array[]): void {
    this.#work(() => {
      for (const [index, part] of parts.entries()) {
        const fin = index === parts.length - 1;
        this.#socket.send(part, { binary: true, fin }, fin ? () => this.#flush() : () => {});
      }
    });
  }
}
