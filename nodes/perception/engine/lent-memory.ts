/** Memory that others may keep for a while. It goes back when its owner and all of them are done with it. */
export class LentMemory {
  readonly #free: () => void;
  #users = 1;
  #isReleased = false;

  /** @param free gives the memory back; called once */
  constructor(free: () => void) {
    this.#free = free;
  }

  /** The owner is done with it. A second call does nothing. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#done();
  }

  /**
   * Keeps the memory, until the function that this returns is called; further calls of that one do nothing.
   * @throws Error if the memory went back already.
   */
  keep(): () => void {
    if (this.#users === 0) throw new Error('memory that went back cannot be kept');
    this.#users += 1;
    let isKept = true;
    return () => {
      if (!isKept) return;
      isKept = false;
      this.#done();
    };
  }

  #done(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#free();
  }
}
