import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { type AblationResult, ablationTable } from './ablation-table.js';
import { completeOptions } from './complete-options.js';
import type { Method } from './method.js';
import { runMethod } from './run.js';
import type { RunOptions } from './run-options.js';
import type { RunState } from './run-state.js';

/** Folder of the run that all start from. */
const START = 'start';

export interface Ablation {
  /** One with `ablation`. */
  readonly method: Method;
  /** Holds a folder for every row and seed, results.json and results.md. */
  readonly folder: string;
  readonly dataFolder: string;
  /**
   * The run on the source domain whose weights every run starts from: what pretraining on ImageNet is to the paper.
   * Left out: every run starts from weights that its seed draws.
   */
  readonly start?: RunOptions;
  /** Options of the last row, `full`, but for seed and parent. */
  readonly base: RunOptions;
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
  const { method, folder, base, signal } = ablation;
  await makeFolder(folder);
  const results: AblationResult[] = [];
  const { start } = ablation;
  if (start !== undefined && !(await runOne(ablation, START, start)).isComplete) return results;
  const parent = start === undefined ? {} : { parent: START };
  for (let seed = 1; seed <= ablation.seeds; seed++) {
    for (const [name, change] of Object.entries(method.ablation ?? {})) {
      if (signal.aborted) return results;
      const options = completeOptions(method, { ...base, ...change, seed, ...parent });
      const state = await runOne(ablation, `${name.replaceAll(' ', '-')}-${seed}`, options);
      if (!state.isComplete) return results;
      results.push({ row: name, seed, metrics: state.metrics, seconds: Math.round(state.trainedSeconds) });
      await writeResults(ablation, results);
    }
  }
  return results;
}

function runOne(ablation: Ablation, name: string, options: RunOptions): Promise<RunState> {
  const { threads, signal, dataFolder, every } = ablation;
  const from = options.parent && path.join(ablation.folder, options.parent);
  return runMethod(ablation.method, {
    ...{ folder: path.join(ablation.folder, name), dataFolder, options, from, threads, every, signal },
    report: (line) => ablation.report(`${name}: ${line}`),
  });
}

async function writeResults({ folder, method }: Ablation, results: readonly AblationResult[]): Promise<void> {
  await writeFile(path.join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(
    path.join(folder, 'results.md'),
    ablationTable(Object.keys(method.ablation ?? {}), results),
  );
}
