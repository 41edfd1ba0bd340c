import { type Observable, ReplaySubject } from 'rxjs';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';

/** What a page that is opened later is still told. */
const MOST_KEPT = 5;

/** Says what of a bag cannot be read, once each, as soon as the reader has found it; the rest is shown. */
export class DamageTold {
  readonly #reader: Pick<BagReader, 'problems'>;
  readonly #say: (text: string) => void;
  readonly #told = new Set<string>();
  readonly #notice$ = new ReplaySubject<string>(MOST_KEPT);
  #seen = 0;

  constructor(reader: Pick<BagReader, 'problems'>, say: (text: string) => void) {
    this.#reader = reader;
    this.#say = say;
  }

  /** What was told, and what will be. */
  get notice$(): Observable<string> {
    return this.#notice$;
  }

  /** To be called whenever something was read. */
  look(): void {
    const { problems } = this.#reader;
    if (problems.length === this.#seen) return;
    for (const { file, what, lost } of problems.slice(this.#seen)) {
      const text = `${file} is damaged: ${what}; lost: ${lost}; the rest is shown`;
      // Every pass finds the same places again.
      if (this.#told.has(text)) continue;
      this.#told.add(text);
      this.#say(text);
      this.#notice$.next(text);
    }
    this.#seen = problems.length;
  }
}
