import os from 'node:os';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { integer, number } from './numbers.js';
import { stopOnSignals } from './stop-on-signals.js';

interface Flags {
  readonly output: string;
  readonly preset: 'compact' | 'narrow';
  readonly dataFolder?: string;
  readonly seeds: number;
  readonly target: string;
  readonly steps: number;
  readonly startSteps: number;
  readonly learningRate: number;
  readonly threads: number;
}

/** `rxdepth train sgdepth-ablation`. */
export function registerSgdepthAblation(train: Command): void {
  train
    .command('sgdepth-ablation')
    .description(
      "The ablation of SGDepth's table 3 on simulated drives: a start trained on the source domain, then six rows, several seeds, all from that start. Writes results.json and results.md after every run; the same command goes on where it was stopped.",
    )
    .requiredOption('-o, --output <folder>', 'folder of all runs and of the results')
    .addOption(
      new Option('--preset <preset>', 'the networks').choices(['compact', 'narrow']).default('compact'),
    )
    .option('--data-folder <folder>', 'where rendered data are kept (default: OUTPUT/data)')
    .option('--seeds <n>', 'seeds of every row', integer, 3)
    .option(
      '--target <data>',
      'drives to learn depth from',
      'simulator:convoy+parked?drives=100&frames=4&rate=10&validation=30',
    )
    .option('--steps <n>', 'training steps of a run', integer, 600)
    .option(
      '--start-steps <n>',
      'training steps of the start; 0: every run starts from drawn weights',
      integer,
      2000,
    )
    .option('--learning-rate <x>', 'learning rate of a run, a tenth of it for the last quarter', number, 1e-3)
    .option('--threads <n>', "onnxruntime's threads", integer, os.availableParallelism())
    .action(run);
}

/** What the start and the rows have in common. */
const COMMON = {
  width: 128,
  height: 64,
  source: 'simulator:town-clean?samples=640',
  dataSeed: 1,
  targetBatch: 4,
  segmentationGradient: 0.1,
  autoMask: true,
  overlap: 'mean',
} as const;

async function run(flags: Flags): Promise<void> {
  const { output, preset, dataFolder, seeds, steps, startSteps, threads } = flags;
  const { runAblation } = await import('../runs/ablation.js');
  const { completeOptions } = await import('../runs/complete-options.js');
  const { sgdepth } = await import('../methods/sgdepth/sgdepth.js');
  const complete = (given: object) => completeOptions(sgdepth, given);
  const stop = stopOnSignals('stopping after this step, or the data being made');
  const start = complete({
    ...COMMON,
    preset,
    target: 'simulator:town-clean?drives=100&frames=4&rate=10&validation=20',
    ...{ seed: 1, sourceBatch: 4, length: { steps: startSteps }, learningRate: 2e-3 },
    masking: 'none',
  });
  await runAblation({
    method: sgdepth,
    folder: output,
    dataFolder: dataFolder ?? path.join(output, 'data'),
    ...(startSteps === 0 ? {} : { start }),
    base: complete({
      ...COMMON,
      preset,
      target: flags.target,
      ...{ sourceBatch: 2, length: { steps }, learningRate: flags.learningRate },
      masking: 'scheduled',
    }),
    ...{ seeds, threads, every: Math.ceil(steps / 3) },
    signal: stop.signal,
    report: (line) => process.stderr.write(`${line}\n`),
  }).finally(() => stop.release());
  if (stop.exitCode !== undefined) process.exitCode = stop.exitCode;
  else process.stdout.write(`${path.join(output, 'results.md')}\n`);
}
