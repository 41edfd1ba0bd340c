import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { stopOnSignals } from '../../models/stop-on-signals.js';
import type { Figures } from '../runs/ablation-table.js';
import type { Method } from '../runs/method.js';
import { INIT_ENCODER, readInitEncoder } from './init-encoder.js';
import { count, integer, positive, threads } from './numbers.js';
import { addMethodFlags, givenOptions } from './train-method.js';

interface Flags {
  readonly output: string;
  readonly dataFolder?: string;
  readonly seeds: number;
  readonly rows?: readonly string[];
  readonly startSteps?: number;
  readonly init?: string;
  readonly initEncoder?: string;
  readonly evaluate: readonly string[];
  readonly cap: number;
  readonly every?: number;
  readonly threads: number;
}

/** `rxdepth train ablation METHOD`, for every method that has one. */
export function registerAblations(train: Command, methods: readonly Method[]): void {
  const ablation = train
    .command('ablation')
    .description(
      "A paper's ablation: every row of its table with several seeds, between two domains of the simulator or what the method's " +
        'flags say. Writes results.json and results.md (mean and spread) after every run; the same command goes on where it was stopped.',
    );
  for (const method of methods) {
    if (method.ablation !== undefined) registerAblation(ablation.command(method.name), method);
  }
}

/** Makes a command the ablation of a method. */
export function registerAblation(command: Command, method: Method): void {
  const rows = Object.keys(method.ablation ?? {});
  const further = Object.keys(method.furtherRows ?? {});
  command
    .description(
      `Trains ${rows.map((row) => `\`${row}\``).join(', ')}, each with several seeds${
        further.length === 0
          ? ''
          : `; where --rows names them also ${further.map((row) => `\`${row}\``).join(', ')}`
      }.${ownDefaults(method.ablationSetting?.base)}`,
    )
    .requiredOption('-o, --output <folder>', 'folder of all runs and of the results')
    .option('--seeds <n>', 'seeds of every row', count, 3)
    .option('--rows <list>', 'only these rows, comma between (default: all)', (text: string) =>
      text.split(',').map((row) => row.trim()),
    );
  addMethodFlags(command, method, { optional: true, without: ['seed'] });
  if (method.ablationSetting?.start !== undefined) {
    command.option(
      '--start-steps <n>',
      'training steps of the run that all start from; 0: every run starts from drawn weights, --init or --init-encoder',
      integer,
    );
  }
  command
    .option('--init <folder>', 'weights that every run starts from; instead of the run that all start from')
    .addOption(INIT_ENCODER)
    .option(
      '--evaluate <spec>',
      'evaluate every trained model on these data too, as `evaluate --dataset` reads them, median-scaled (repeatable)',
      (spec: string, all: readonly string[]) => [...all, spec],
      [],
    )
    .option('--cap <metres>', 'of --evaluate: truth beyond this does not count', positive, 80)
    .option('--data-folder <folder>', 'where prepared data are kept (default: OUTPUT/data)')
    .option(
      '--every <n>',
      'steps between validations, pictures and checkpoints (default: a third of a run)',
      count,
    )
    .option('--threads <n>', "onnxruntime's threads", threads, os.availableParallelism())
    .action((flags: Flags & Readonly<Record<string, unknown>>) => run(method, flags));
}

/** What an ablation takes where no flag says otherwise; the flags' own help tells the defaults of a single training. */
function ownDefaults(base: Readonly<Record<string, unknown>> = {}): string {
  const said = Object.entries(base).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(
          ([unit, count]) => [`${key === 'length' ? '' : `${key} `}${unit}`, count] as const,
        )
      : [[key, value] as const],
  );
  if (said.length === 0) return '';
  const words = (key: string) =>
    key.replace(/Length /, ' ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return ` Its defaults are not those below but: ${said.map(([key, value]) => `${words(key)} ${value}`).join(', ')}.`;
}

async function run(method: Method, flags: Flags & Readonly<Record<string, unknown>>): Promise<void> {
  const { output, dataFolder, seeds, rows, startSteps, init, threads } = flags;
  const encoder = await readInitEncoder(flags.initEncoder, { flag: '--init', value: init });
  const { runAblation } = await import('../runs/ablation.js');
  const { completeOptions } = await import('../runs/complete-options.js');
  const { base: standard = {}, start } = method.ablationSetting ?? {};
  const base = { ...standard, ...givenOptions(method, flags) };
  const starts = start !== undefined && init === undefined && startSteps !== 0;
  const startOptions = starts
    ? completeOptions(method, {
        ...base,
        ...start(startSteps),
        seed: 1,
        ...(encoder && { encoder: encoder.origin }),
      })
    : undefined;
  const stop = stopOnSignals('stopping after this step, or the data being made');
  await runAblation({
    ...{ method, folder: output, dataFolder: dataFolder ?? path.join(output, 'data') },
    ...{ start: startOptions, from: init, encoder, base, rows, seeds, threads },
    every: flags.every ?? everyOf(base),
    signal: stop.signal,
    ...(flags.evaluate.length > 0 && {
      evaluate: (folder: string) => evaluateOn(folder, flags.evaluate, flags.cap),
    }),
    report: (line) => process.stderr.write(`${line}\n`),
  }).finally(() => stop.release());
  if (stop.exitCode !== undefined) process.exitCode = stop.exitCode;
  else process.stdout.write(`${path.join(output, 'results.md')}\n`);
}

function stepsOf(length: unknown): unknown {
  return typeof length === 'object' && length !== null && 'steps' in length ? length.steps : undefined;
}

/** Thirds of a run whose number of steps is said; of others what `train` takes. */
function everyOf(options: Readonly<Record<string, unknown>>): number {
  const { length, steps = stepsOf(length) } = options;
  return typeof steps === 'number' ? Math.ceil(steps / 3) : 500;
}

async function evaluateOn(
  folder: string,
  specs: readonly string[],
  capMeters: number,
): Promise<Record<string, Figures>> {
  const { evaluateFrames } = await import('../evaluation/evaluate-frames.js');
  const { ModelRunner } = await import('../../models/model-runner.js');
  const { openSource } = await import('../evaluation/sources/open-source.js');
  const { DEPTH_METRIC_NAMES } = await import('../evaluation/metrics/depth-metrics.js');
  const runner = await ModelRunner.open(folder);
  try {
    const results: Record<string, Figures> = {};
    for (const spec of specs) {
      const source = await openSource(spec);
      const { depth, segmentation } = await evaluateFrames(runner, source, {
        ...{ capMeters, crop: source.crop, medianScaling: true },
      });
      await source.close();
      const figures = DEPTH_METRIC_NAMES.map(
        (name) => [name, depth?.prediction[name] ?? Number.NaN] as const,
      );
      results[spec] = {
        ...(depth && Object.fromEntries(figures)),
        ...(segmentation && { meanIou: segmentation.classSets[0]?.meanIou ?? Number.NaN }),
      };
    }
    return results;
  } finally {
    await runner.close();
  }
}
