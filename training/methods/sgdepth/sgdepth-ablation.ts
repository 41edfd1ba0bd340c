import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../../msgs/files/make-folder.js';
import type { RunState } from '../../runs/run-state.js';
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

/** Folder of the run that all start from. */
const START = 'start';

export interface Ablation {
  /** Holds a folder for every row and seed, results.json and results.md. */
  readonly folder: string;
  readonly dataFolder: string;
  /**
   * The run on the source domain whose weights every run starts from: what pretraining on ImageNet is to the paper.
   * Left out: every run starts from weights that its seed draws.
   */
  readonly start?: SgdepthRunOptions;
  /** Options of the last row, `full`, but for seed and parent. */
  readonly base: Omit<SgdepthRunOptions, 'seed' | 'parent'>;
  readonly seeds: number;
  /** Steps between validations, pictures and checkpoints. */
  readonly every: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Progress for people, one line without its end. */
  report(line: string): void;
}

/**
 * Trains the start, then every row with every seed, seed by seed, and evaluates it on the held-out drives. Goes on where it stopped: in
 * the middle of a run, by its checkpoint; what has a result is not run again.
 * @returns the results so far; fewer than rows times seeds when the signal was aborted.
 */
export async function runAblation(ablation: Ablation): Promise<AblationResult[]> {
  const { folder, base, signal } = ablation;
  await makeFolder(folder);
  const results: AblationResult[] = [];
  const { start } = ablation;
  if (start !== undefined && !isComplete(await runOne(ablation, START, start))) return results;
  const parent = start === undefined ? {} : { parent: START };
  for (let seed = 1; seed <= ablation.seeds; seed++) {
    for (const { name, change } of ABLATION_ROWS) {
      if (signal.aborted) return results;
      const options: SgdepthRunOptions = { ...base, ...change, seed, ...parent };
      const state = await runOne(ablation, `${name.replaceAll(' ', '-')}-${seed}`, options);
      if (!isComplete(state)) return results;
      results.push({ row: name, seed, metrics: state.metrics, seconds: Math.round(state.trainedSeconds) });
      await writeResults(folder, results);
    }
  }
  return results;
}

function runOne(ablation: Ablation, name: string, options: SgdepthRunOptions): Promise<RunState> {
  const { threads, signal, dataFolder, every } = ablation;
  const from = options.parent && path.join(ablation.folder, options.parent);
  return runSgdepth({
    ...{ folder: path.join(ablation.folder, name), dataFolder, options, from, threads, every, signal },
    report: (line) => ablation.report(`${name}: ${line}`),
  });
}

async function writeResults(folder: string, results: readonly AblationResult[]): Promise<void> {
  await writeFile(path.join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  const rows = ABLATION_ROWS.map(({ name }) => name);
  await writeFile(path.join(folder, 'results.md'), ablationTable(rows, results));
}
