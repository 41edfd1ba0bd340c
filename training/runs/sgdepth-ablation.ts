import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type AblationResult, ablationTable } from './ablation-table.js';
import type { SgdepthRunOptions } from './sgdepth-options.js';
import { isComplete, runSgdepth } from './sgdepth-run.js';

/** The rows of the paper's table 3, and what each changes. Source: SGDepth, section 5.2. */
export const ABLATION_ROWS = [
  { name: 'only depth', change: { source: undefined, masking: 'none' } },
  { name: 'multi-task', change: { segmentationGradient: null, masking: 'none' } },
  { name: 'scaled gradients', change: { masking: 'none' } },
  { name: 'mask', change: { masking: 'all' } },
  { name: 'threshold', change: { masking: 0.3 } },
  { name: 'full', change: {} },
] as const satisfies readonly { name: string; change: Partial<SgdepthRunOptions> }[];

export interface Ablation {
  /** Holds a folder for every row and seed, results.json and results.md. */
  readonly folder: string;
  readonly dataFolder: string;
  /** Options of the last row, `full`, but for the seed. */
  readonly base: Omit<SgdepthRunOptions, 'seed'>;
  readonly seeds: number;
  /** Steps between validations, pictures and checkpoints. */
  readonly every: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Progress for people, one line without its end. */
  report(line: string): void;
}

/**
 * Trains every row with every seed, seed by seed, and evaluates it on the held-out drives. Goes on where it stopped: in
 * the middle of a run, by its checkpoint; what has a result is not run again.
 * @returns the results so far; fewer than rows times seeds when the signal was aborted.
 */
export async function runAblation(ablation: Ablation): Promise<AblationResult[]> {
  const { folder, base, signal, threads } = ablation;
  await mkdir(folder, { recursive: true });
  const results: AblationResult[] = [];
  for (let seed = 1; seed <= ablation.seeds; seed++) {
    for (const { name, change } of ABLATION_ROWS) {
      if (signal.aborted) return results;
      const options: SgdepthRunOptions = { ...base, ...change, seed };
      const state = await runSgdepth({
        ...{ folder: path.join(folder, `${name.replaceAll(' ', '-')}-${seed}`), options, threads, signal },
        dataFolder: ablation.dataFolder,
        every: ablation.every,
        report: (line) => ablation.report(`${name}, seed ${seed}: ${line}`),
      });
      if (!isComplete(state)) return results;
      results.push({ row: name, seed, metrics: state.metrics, seconds: Math.round(state.trainedSeconds) });
      await writeResults(folder, results);
    }
  }
  return results;
}

async function writeResults(folder: string, results: readonly AblationResult[]): Promise<void> {
  await writeFile(path.join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  const rows = ABLATION_ROWS.map(({ name }) => name);
  await writeFile(path.join(folder, 'results.md'), ablationTable(rows, results));
}
