import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { integer } from './numbers.js';
import { stopOnSignals } from './stop-on-signals.js';

interface Flags {
  readonly output: string;
  readonly dataFolder?: string;
  readonly seeds: number;
  readonly steps: number;
  readonly threads: number;
}

/** `rxdepth train sgdepth-ablation`. */
export function registerSgdepthAblation(train: Command): void {
  train
    .command('sgdepth-ablation')
    .description(
      "The ablation of SGDepth's table 3 on simulated drives behind moving cars: six rows, several seeds. Writes results.json and results.md after every run; the same command goes on where it was stopped.",
    )
    .requiredOption('-o, --output <folder>', 'folder of all runs and of the results')
    .option('--data-folder <folder>', 'where rendered data are kept (default: OUTPUT/data)')
    .option('--seeds <n>', 'seeds of every row', integer, 3)
    .option('--steps <n>', 'training steps of a run', integer, 900)
    .option('--threads <n>', "onnxruntime's threads", integer, os.availableParallelism())
    .action(run);
}

async function run({ output, dataFolder, seeds, steps, threads }: Flags): Promise<void> {
  const { runAblation } = await import('../runs/sgdepth-ablation.js');
  const stop = stopOnSignals('stopping after this step, or the data being made');
  await runAblation({
    folder: output,
    dataFolder: dataFolder ?? path.join(output, 'data'),
    seeds,
    every: Math.ceil(steps / 3),
    threads,
    base: {
      preset: 'narrow',
      width: 128,
      height: 64,
      target: 'simulator:convoy?drives=150&frames=4&rate=10&validation=20',
      source: 'simulator:town-clean?samples=640',
      dataSeed: 1,
      length: { steps },
      targetBatch: 4,
      sourceBatch: 2,
      learningRate: 2e-3,
      segmentationGradient: 0.1,
      masking: 'scheduled',
      autoMask: true,
      overlap: 'mean',
    },
    signal: stop.signal,
    report: (line) => process.stderr.write(`${line}\n`),
  }).finally(() => stop.release());
  if (stop.exitCode !== undefined) process.exitCode = stop.exitCode;
  else process.stdout.write(`${path.join(output, 'results.md')}\n`);
}
