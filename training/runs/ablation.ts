import { existsSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { writeDurably } from '../../models/durable-files.js';
import { MANIFEST_FILE } from '../../models/model-store.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { TrainingError } from '../errors.js';
import type { EncoderFile } from '../weights/published/encoder-file.js';
import { type AblationResult, ablationTable, type Figures } from './ablation-table.js';
import { completeOptions } from './complete-options.js';
import { exportRun } from './export-run.js';
import type { Method } from './method.js';
import { modelName } from './model-name.js';
import { runMethod } from './run.js';
import type { RunOptions } from './run-options.js';
import type { RunState } from './run-state.js';

/** Folder of the run that all start from. */
const START = 'start';
const RESULTS = 'results.json';
const TABLE = 'results.md';

export interface Ablation {
  /** One with `ablation`. */
  readonly method: Method;
  /** Holds a folder for every row and seed, results.json and results.md. */
  readonly folder: string;
  readonly dataFolder: string;
  /**
   * The run on the source domain whose weights every run starts from: what pretraining on ImageNet is to the paper.
   * Left out: every run starts from weights that its seed draws, or from `from` or `encoder`.
   */
  readonly start?: RunOptions | undefined;
  /** Weights that every run starts from, where there is no `start`, as `runMethod` takes them. */
  readonly from?: string | undefined;
  /** Published weights that every run's encoder starts from (the start's, where there is one). */
  readonly encoder?: EncoderFile | undefined;
  /** Options of all rows, but for seed, parent and what a row changes. */
  readonly base: Readonly<Partial<RunOptions>>;
  /** Those of the method's that are trained, in the order of the table; all where left out. */
  readonly rows?: readonly string[] | undefined;
  readonly seeds: number;
  /** Steps between validations, pictures and checkpoints; by default thirds of a run. */
  readonly every: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Figures of a trained model on other data, by their name. @param folder of the model. */
  evaluate?(folder: string): Promise<Readonly<Record<string, Figures>>>;
  /** Progress for people, one line without its end. */
  report(line: string): void;
}

/**
 * Trains the start, then every row with every seed, seed by seed, evaluates it on the held-out data and exports its model.
 * Goes on where it stopped: in the middle of a run, by its checkpoint; what has a result is not run again.
 * @returns the results so far; fewer than rows times seeds when the signal was aborted.
 * @throws TrainingError for a row that the method does not have, or a folder with somebody else's results.
 */
export async function runAblation(ablation: Ablation): Promise<AblationResult[]> {
  const { method, folder, base, signal, start } = ablation;
  const rows = rowsOf(ablation);
  refuseForeign(folder);
  await makeFolder(folder);
  const results: AblationResult[] = [];
  const isStartUsed = rows.some(([, change]) => !isFromDrawnWeights(change));
  if (start !== undefined && isStartUsed && !(await runOne(ablation, START, start)).isComplete)
    return results;
  for (let seed = 1; seed <= ablation.seeds; seed++) {
    for (const [name, change] of rows) {
      if (signal.aborted) return results;
      const parent = isFromDrawnWeights(change) ? {} : parentOf(ablation);
      const options = completeOptions(method, { ...base, ...change, seed, ...parent });
      const run = `${name.replaceAll(/[^\w.]+/g, '-').replace(/^-/, '')}-${seed}`;
      const state = await runOne(ablation, run, options);
      if (!state.isComplete) return results;
      const evaluations = await evaluated(ablation, path.join(folder, run), options, state);
      results.push({
        ...{ row: name, seed, metrics: state.metrics, ...(evaluations && { evaluations }) },
        seconds: Math.round(state.trainedSeconds),
      });
      await writeResults(ablation, results);
    }
  }
  return results;
}

/** A row may say that it does, whatever the others start from. */
function isFromDrawnWeights(change: Partial<RunOptions>): boolean {
  return 'parent' in change;
}

function rowsOf({ method, rows }: Ablation): [string, Partial<RunOptions>][] {
  const standard = Object.entries(method.ablation ?? {});
  const all = [...standard, ...Object.entries(method.furtherRows ?? {})];
  const unknown = rows?.find((row) => all.every(([name]) => name !== row));
  if (unknown !== undefined || all.length === 0) {
    throw new TrainingError(
      `--rows: expected some of ${all.map(([name]) => `\`${name}\``).join(', ')}, got \`${unknown}\``,
      { field: '--rows' },
    );
  }
  return rows === undefined ? standard : all.filter(([name]) => rows.includes(name));
}

/** @throws TrainingError where a file of that name is there and no earlier results of ours are. */
function refuseForeign(folder: string): void {
  const isOwn = isResults(path.join(folder, RESULTS));
  const foreign = [RESULTS, TABLE].find((name) => existsSync(path.join(folder, name)) && !isOwn);
  if (foreign === undefined) return;
  throw new TrainingError(
    `${folder} has a \`${foreign}\` that is not of an ablation: it is left alone; name another folder.`,
    { file: folder },
  );
}

function isResults(file: string): boolean {
  try {
    const rows: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(rows) && rows.every((row) => typeof row?.row === 'string' && 'seed' in row);
  } catch {
    return false;
  }
}

function parentOf({ start, from, encoder }: Ablation): Partial<RunOptions> {
  if (start !== undefined) return { parent: START, ...(encoder && { encoder: encoder.origin }) };
  return {
    ...(from !== undefined && { parent: path.basename(path.resolve(from)) }),
    ...(encoder && { encoder: encoder.origin }),
  };
}

function runOne(ablation: Ablation, name: string, options: RunOptions): Promise<RunState> {
  const { threads, signal, dataFolder, every, start, folder, encoder } = ablation;
  const follows = start !== undefined && name !== START && options.parent === START;
  const isDrawn = options.parent === undefined && options.encoder === undefined;
  return runMethod(ablation.method, {
    ...{ folder: path.join(folder, name), dataFolder, options, threads, every, signal },
    from: follows ? path.join(folder, START) : start === undefined && !isDrawn ? ablation.from : undefined,
    encoder: follows || isDrawn ? undefined : encoder,
    report: (line) => ablation.report(`${name}: ${line}`),
  });
}

/** Exports the model of a run, and evaluates it where that is asked for. */
async function evaluated(
  { method, evaluate }: Ablation,
  run: string,
  options: RunOptions,
  state: RunState,
): Promise<AblationResult['evaluations']> {
  const folder = path.join(run, 'model');
  if (!existsSync(path.join(folder, MANIFEST_FILE))) {
    await exportRun({
      method,
      folder,
      overwrite: true,
      name: modelName(method, options),
      precision: 'F32',
      options,
      state,
    });
  }
  return await evaluate?.(folder);
}

async function writeResults(ablation: Ablation, results: readonly AblationResult[]): Promise<void> {
  const { folder } = ablation;
  const rows = rowsOf(ablation).map(([name]) => name);
  const specs = [...new Set(results.flatMap(({ evaluations = {} }) => Object.keys(evaluations)))];
  const tables = [
    `Held-out data:\n\n${ablationTable(
      rows,
      results.map(({ row, metrics: figures }) => ({ row, figures })),
    )}`,
    ...specs.map(
      (spec) =>
        `${spec}:\n\n${ablationTable(
          rows,
          results.map(({ row, evaluations }) => ({ row, figures: evaluations?.[spec] ?? {} })),
        )}`,
    ),
  ];
  await replace(path.join(folder, RESULTS), `${JSON.stringify(results, null, 2)}\n`);
  await replace(path.join(folder, TABLE), tables.join('\n'));
}

/** Nobody ever sees half of it. */
async function replace(file: string, text: string): Promise<void> {
  await writeDurably(`${file}.part`, text);
  await rename(`${file}.part`, file);
}
