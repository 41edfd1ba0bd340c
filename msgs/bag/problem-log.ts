import { quoteUntrusted } from '../quote-untrusted.js';
import type { BagProblem } from './bag-reader.js';

/** Problems told one by one; a file of nothing but damage has millions. */
const MOST_PROBLEMS = 200;

/** Longest text of a problem: it may repeat a topic of a megabyte. */
const LONGEST_TEXT = 600;

/** Problems of one bag in the order found; the same problem seen again (by a second pass) is kept once. */
export class ProblemLog {
  readonly #problems: BagProblem[] = [];
  readonly #seen = new Set<string>();
  #unlisted = 0;

  get problems(): readonly BagProblem[] {
    return this.#problems;
  }

  add(given: BagProblem): void {
    const { what, lost } = given;
    const problem = {
      ...given,
      what: quoteUntrusted(what, LONGEST_TEXT),
      lost: quoteUntrusted(lost, LONGEST_TEXT),
    };
    const key = `${problem.file}\n${problem.what}\n${problem.lost}`;
    if (this.#seen.has(key)) return;
    if (this.#problems.length < MOST_PROBLEMS) {
      this.#seen.add(key);
      this.#problems.push(problem);
      return;
    }
    this.#unlisted += 1;
    this.#problems[MOST_PROBLEMS] = {
      file: problem.file,
      what: `${this.#unlisted} more problems, the last of them: ${problem.what}`,
      lost: problem.lost,
    };
  }

  /** A view of this log for what reads a temporary copy: problems are filed under the original. */
  forCopyOf(file: string): ProblemLog {
    return new CopyLog(this, file);
  }
}

class CopyLog extends ProblemLog {
  readonly #log: ProblemLog;
  readonly #file: string;

  constructor(log: ProblemLog, file: string) {
    super();
    this.#log = log;
    this.#file = file;
  }

  override get problems(): readonly BagProblem[] {
    return this.#log.problems;
  }

  override add(problem: BagProblem): void {
    this.#log.add({ ...problem, file: this.#file });
  }
}
