import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDataSpec } from '../datasets/data-spec.js';
import { snapshotSet } from '../datasets/prepare-simulator.js';
import { type AblationResult, ablationTable } from './ablation-table.js';
import type { RunOptions } from './run-options.js';
import type { SgdepthRunOptions } from './sgdepth-options.js';
import { runSgdepth } from './sgdepth-run.js';
import { runSupervised } from './supervised-run.js';

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
  /** Holds the encoder's run, a folder for every row and seed, results.json and results.md. */
  readonly folder: string;
  readonly dataFolder: string;
  /** Options of the last row, `full`, but for the seed. */
  readonly base: Omit<SgdepthRunOptions, 'seed' | 'parent' | 'parentParts' | 'source' | 'preset'> & {
    readonly source: string;
    readonly preset: RunOptions['preset'];
  };
  /** Steps of supervised training on the source images, whose encoder every row starts from; the paper's comes from ImageNet. */
  readonly encoderSteps: number;
  readonly seeds: number;
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
  const encoder = path.join(folder, 'encoder');
  if (!(await trainEncoder(ablation, encoder))) return [];
  const results: AblationResult[] = [];
  for (let seed = 1; seed <= ablation.seeds; seed++) {
    for (const { name, change } of ABLATION_ROWS) {
      if (signal.aborted) return results;
      const run = path.join(folder, `${name.replaceAll(' ', '-')}-${seed}`);
      const options = { ...base, ...change, seed, parent: 'encoder', parentParts: ['encoder' as const] };
      const state = await runSgdepth({
        ...{ folder: run, dataFolder: ablation.dataFolder, options, from: encoder, threads, signal },
        every: Math.ceil(base.steps / 2),
        report: (line) => ablation.report(`${name}, seed ${seed}: ${line}`),
      });
      if (state.step < base.steps) return results;
      results.push({ row: name, seed, metrics: state.metrics, seconds: Math.round(state.trainedSeconds) });
      await writeResults(folder, results);
    }
  }
  return results;
}

/** Trains the network that gives the encoder, on the very source images of the rows. @returns whether it is finished. */
async function trainEncoder(ablation: Ablation, folder: string): Promise<boolean> {
  const { base, encoderSteps, dataFolder, threads, signal } = ablation;
  const { width, height, preset, dataSeed } = base;
  const spec = parseDataSpec(base.source);
  const set = snapshotSet(spec, { width, height, seed: dataSeed, folder: dataFolder });
  const options: RunOptions = {
    ...{ preset, domain: spec.place, seed: dataSeed, batchSize: 8 },
    ...{ samples: set.description.count, validation: 40 },
    ...{ sampleWidth: set.description.width, sampleHeight: set.description.height },
    stages: [{ width, height, steps: encoderSteps }],
    ...{ learningRate: 2e-3, weightDecay: 1e-4, segmentationWeight: 0.1 },
  };
  const state = await runSupervised({
    ...{ folder, sampleFolder: set.folder, options, threads, signal, every: 300 },
    report: (line) => ablation.report(`encoder: ${line}`),
  });
  return state.step === encoderSteps;
}

async function writeResults(folder: string, results: readonly AblationResult[]): Promise<void> {
  await writeFile(path.join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  const rows = ABLATION_ROWS.map(({ name }) => name);
  await writeFile(path.join(folder, 'results.md'), ablationTable(rows, results));
}
