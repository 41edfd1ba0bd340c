import type { ProblemLog } from '../problem-log.js';

/** Places told one by one. */
const MOST_PLACES = 20;

/** Damaged parts of a file: the first ones are told where they are, the others added up. */
export class DamageReport {
  readonly #path: string;
  readonly #size: number;
  readonly #log: ProblemLog;
  #places = 0;
  #otherBytes = 0;

  constructor(path: string, size: number, log: ProblemLog) {
    this.#path = path;
    this.#size = size;
    this.#log = log;
  }

  /** Nothing can be read in [from, to); `to` is absent where that is so up to the end. */
  add(from: number, to: number | undefined): void {
    const bytes = (to ?? this.#size) - from;
    if (++this.#places > MOST_PLACES) {
      this.#otherBytes += bytes;
      return;
    }
    const what =
      to === undefined
        ? `no readable record from byte ${from} on, the file is cut off or damaged there`
        : `bytes ${from} to ${to} are damaged`;
    this.#log.add({ file: this.#path, what, lost: `${bytes} bytes of ${this.#size}` });
  }

  end(): void {
    const others = this.#places - MOST_PLACES;
    if (others <= 0) return;
    this.#log.add({
      file: this.#path,
      what: `${others} more places are damaged`,
      lost: `${this.#otherBytes} bytes of ${this.#size}`,
    });
  }
}
