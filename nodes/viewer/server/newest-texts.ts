/**
 * Texts of which only the newest of each kind matters: how things stand, not what happened. They go out at once, but no more
 * often than once in a period; in between, newer ones take the place of older ones.
 */
export class NewestTexts {
  readonly #send: (text: string) => void;
  readonly #periodMs: () => number;
  readonly #now: () => number;
  readonly #waiting = new Map<string, () => string>();
  #sentMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param periodMs asked whenever one goes out
   * @param now milliseconds of a clock that never goes back
   */
  constructor(
    send: (text: string) => void,
    periodMs: () => number,
    now: () => number = () => performance.now(),
  ) {
    this.#send = send;
    this.#periodMs = periodMs;
    this.#now = now;
  }

  /** @param make makes the text, when it goes out */
  offer(kind: string, make: () => string): void {
    this.#waiting.set(kind, make);
    if (this.#timer !== undefined) return;
    const waitMs = this.#sentMs + this.#periodMs() - this.#now();
    if (waitMs <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), Math.ceil(waitMs)).unref();
  }

  /** What waits of a kind holds no more. */
  forget(kind: string): void {
    this.#waiting.delete(kind);
  }

  /** Sends nothing any more of what waits. */
  end(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    this.#sentMs = this.#now();
    const texts = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const make of texts) this.#send(make());
  }
}
