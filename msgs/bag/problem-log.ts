import type { BagProblem } from './bag-reader.js';

/** Problems of one bag in the order found; the same problem seen again (by a second pass) is kept once. */
export class ProblemLog {
  readonly #problems: BagProblem[] = [];
  readonly #seen = new Set<string>();

  get problems(): readonly BagProblem[] {
    return this.#problems;
  }

  add(problem: BagProblem): void {
    const key = `${problem.file}\n${problem.what}\n${problem.lost}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#problems.push(problem);
  }
}
