import { type FileHandle, open, readFile, rename, writeFile } from 'node:fs/promises';
import { codeOf } from '../../msgs/code-of.js';
import type { StepReport } from './trainer.js';

/** Names of what a method reports, beside the loss of every step. */
export interface LogColumns {
  readonly steps: readonly string[];
  readonly validations: readonly string[];
}

/** The run's history as CSV: a line a step, and one a validation. */
export class RunLog {
  readonly #file: FileHandle;
  readonly #columns: LogColumns;
  readonly #pending: string[] = [];
  #recent: StepReport[] = [];

  private constructor(file: FileHandle, columns: LogColumns) {
    this.#file = file;
    this.#columns = columns;
  }

  /** Opens the log and drops what was written after `step`, which a resumed run will write again, and lines cut off by a kill. */
  static async open(path: string, step: number, columns: LogColumns): Promise<RunLog> {
    const header = headerOf(columns);
    const before = (await readIfThere(path)) ?? '';
    const kept = before.split('\n').filter((line) => {
      const cells = line.split(',');
      return cells.length === header.length && Number(cells[0]) <= step;
    });
    await writeFile(`${path}.new`, [`${header}\n`, ...kept.map((line) => `${line}\n`)].join(''));
    await rename(`${path}.new`, path);
    const file = await open(path, 'a');
    return new RunLog(file, columns);
  }

  add(report: StepReport): void {
    const { step, loss, metrics, learningRate, computeMs, waitMs } = report;
    const names = ['loss', ...this.#columns.steps, 'learningRate', 'computeMs', 'waitMs'];
    this.#push(step, 'train', names, { ...metrics, loss, learningRate, computeMs, waitMs }, 6);
    // Steps of another phase report other numbers.
    const isOther = (last: StepReport) => Object.keys(last.metrics).join() !== Object.keys(metrics).join();
    if (this.#recent.some(isOther)) this.#recent = [];
    this.#recent = [...this.#recent.slice(-99), report];
  }

  validation(step: number, metrics: Readonly<Record<string, number>>): void {
    this.#push(step, 'validation', this.#columns.validations, metrics, 5);
  }

  #push(
    step: number,
    kind: 'train' | 'validation',
    names: readonly string[],
    values: Readonly<Record<string, number>>,
    digits: number,
  ): void {
    const numbers = headerOf(this.#columns)
      .slice(2)
      .map((name) => (names.includes(name) ? (values[name] ?? Number.NaN).toPrecision(digits) : ''));
    this.#pending.push(`${step},${kind},${numbers}\n`);
  }

  /** One line about the last hundred steps. */
  summary(step: number, steps: number, firstStep: number, began: number): string {
    const mean = (of: (report: StepReport) => number) =>
      this.#recent.reduce((sum, report) => sum + of(report), 0) / Math.max(1, this.#recent.length);
    // Not every run of a method has all of its numbers.
    const reported = (name: string) => this.#recent.some(({ metrics }) => metrics[name] !== undefined);
    const left = ((performance.now() - began) / 1000 / Math.max(1, step - firstStep)) * (steps - step);
    return [
      `step ${step}/${steps}`,
      `loss ${mean((r) => r.loss).toFixed(4)}`,
      ...this.#columns.steps
        .filter(reported)
        .map((name) => `${name} ${mean((r) => r.metrics[name] ?? Number.NaN).toFixed(4)}`),
      `${mean((r) => r.computeMs).toFixed(0)} ms a step (+${mean((r) => r.waitMs).toFixed(0)} waiting)`,
      `${Math.floor(left / 60)} min ${Math.floor(left % 60)} s left at this size`,
    ].join('  ');
  }

  async flush(): Promise<void> {
    await this.#file.appendFile(this.#pending.splice(0).join(''));
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#file.close();
  }
}

/** What steps and validations both report has one column. */
function headerOf({ steps, validations }: LogColumns): string[] {
  const names = ['step', 'kind', 'loss', ...steps, 'learningRate', 'computeMs', 'waitMs', ...validations];
  return [...new Set(names)];
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
