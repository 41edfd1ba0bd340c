/**
 * Counts the frames between two points of a pipeline and says when there is room for another: the back-pressure that
 * observables themselves do not have.
 */
export class FlowControl {
  readonly window: number;
  #inFlight = 0;
  #waiting: (() => void)[] = [];
  #ended = false;

  /** @param window most frames in flight, at least 1 */
  constructor(window: number) {
    this.window = Math.max(1, Math.floor(window));
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get open(): boolean {
    return this.#ended || this.#inFlight < this.window;
  }

  /** A frame passed the first point. */
  enter(): void {
    this.#inFlight += 1;
  }

  /** A frame, or the fault that took its place, passed the second point. */
  leave(): void {
    this.#inFlight -= 1;
    if (this.open) this.#wake();
  }

  /** Resolves as soon as there is room, or nothing will leave any more. */
  async ready(): Promise<void> {
    while (!this.open) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Calls back when there may be room; returns a function that cancels. */
  onRoom(callback: () => void): () => void {
    this.#waiting.push(callback);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== callback);
    };
  }

  /** The pipeline ended: nobody shall wait any longer. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback();
  }
}
