/**
 * Counts the frames between two points of a pipeline, and says when there is room for another. This is the back-pressure
 * that observables themselves lack.
 */
export class FlowControl {
  /** Largest number of frames in flight. */
  readonly window: number;
  #inFlight = 0;
  #waiting: (() => void)[] = [];
  #ended = false;

  /** @param window largest number of frames in flight, at least 1 */
  constructor(window: number) {
    this.window = Math.max(1, Math.floor(window));
  }

  /** Number of frames in flight. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether there is room for another frame, or the pipeline ended. */
  get open(): boolean {
    return this.#ended || this.#inFlight < this.window;
  }

  /** Call this when a frame passes the first point. */
  enter(): void {
    this.#inFlight += 1;
  }

  /** Call this when a frame, or the fault in its place, passes the second point. */
  leave(): void {
    this.#inFlight -= 1;
    if (this.open) this.#wake();
  }

  /** Resolves as soon as there is room, or after `end`. */
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

  /** Ends the pipeline, and resolves all waiting calls of `ready`. */
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
