import os from 'node:os';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { EncoderOrigin } from '../../models/manifest.js';
import { checkModelOutput } from '../../models/model-output.js';
import { TrainingError } from '../errors.js';
import { parseSgdepthRunOptions, type SgdepthRunOptions } from '../methods/sgdepth/sgdepth-options.js';
import { COMPUTE, DEVICE, type DeviceFlags, RECOMPUTE } from './device-options.js';
import { eagerOption } from './eager-option.js';
import { INIT_ENCODER, readInitEncoder } from './init-encoder.js';
import { integer, number } from './numbers.js';
import { parsePrecision } from './precision.js';
import { stopOnSignals } from './stop-on-signals.js';

interface Flags extends DeviceFlags {
  readonly output: string;
  readonly target: string;
  readonly source?: string;
  readonly preset: SgdepthRunOptions['preset'];
  readonly size?: readonly [width: number, height: number];
  readonly init?: string;
  readonly initEncoder?: string;
  readonly initParts?: readonly string[];
  readonly seed: number;
  readonly dataSeed: number;
  readonly dataFolder?: string;
  readonly steps?: number;
  readonly epochs?: number;
  readonly minutes?: number;
  readonly batch?: number;
  readonly sourceBatch?: number;
  readonly accumulate?: number;
  readonly learningRate?: number;
  readonly gradientShare: number | 'sum';
  readonly masking: SgdepthRunOptions['masking'];
  readonly autoMask: boolean;
  readonly overlap: SgdepthRunOptions['overlap'];
  readonly threads: number;
  readonly eager?: string;
  readonly every: number;
  readonly resume?: boolean;
  readonly name: string;
  readonly precision: 'F32' | 'F16';
}

/** `rxdepth train sgdepth`. */
export function registerSgdepth(train: Command): void {
  train
    .command('sgdepth')
    .description(
      'Train SGDepth: self-supervised depth on a target domain without labels, segmentation on a labelled source domain, by the compiled step, and export a model folder. Stops cleanly on Ctrl-C; --resume goes on exactly where it stopped.',
    )
    .requiredOption('-o, --output <folder>', 'run folder: checkpoint, log.csv, panels/, model/')
    .requiredOption(
      '--target <data>',
      'frames to learn depth from: simulator:DOMAIN[+DOMAIN][?drives=N&frames=N&rate=HZ&validation=N], bag:PATH[?image=TOPIC&camera_info=TOPIC&spacing=N&validation=N] or kitti-raw:ROOT[?split=FILE&validation=N]',
    )
    .option(
      '--source <data>',
      'labelled images: simulator:DOMAIN[?samples=N], cityscapes:ROOT[?subset=SET] (default: train) or kitti-2015:ROOT; without them depth alone is trained',
    )
    .option(
      '--preset <name>',
      'networks: `compact` (CPU), `narrow` (half of it), `paper` (ResNet-18), `paper-resnet50`, or `efficient` (EfficientNet-Lite0, for --init-encoder)',
      'compact',
    )
    .option(
      '--size <WxH>',
      "size of the network's pictures, multiples of 32 (default: 640x192 for paper, which also has 416x128 and 1280x384; else 256x96)",
      size,
    )
    .option(
      '--init <folder>',
      'start from the weights of a model folder, a run or a checkpoint, as far as their names and shapes fit',
    )
    .option(
      '--init-parts <list>',
      'parts of the networks that --init gives: encoder, depth, segmentation, pose_encoder, pose (default: all)',
      (text: string) => text.split(','),
    )
    .addOption(INIT_ENCODER)
    .option('--seed <n>', 'seed of weights, order and augmentation', integer, 1)
    .option('--data-seed <n>', 'seed of rendered data', integer, 1)
    .option('--data-folder <folder>', 'where prepared data are kept (default: OUTPUT/data)')
    .option('--steps <n>', 'training steps (default: 4000; presets of the paper: 40 epochs)', integer)
    .option('--epochs <n>', "passes over the target's triplets instead of --steps", number)
    .option('--minutes <n>', 'instead of --steps: about so long, by timing a few steps at the start', number)
    .option('--batch <n>', 'triplets a batch (default: 6 for paper, 12 without --source; else 4)', integer)
    .option('--accumulate <n>', 'batches a step: their gradients are averaged', integer)
    .option('--source-batch <n>', 'labelled images a step (default: as --batch)', integer)
    .option(
      '--learning-rate <x>',
      'learning rate, a tenth of it for the last quarter (default: 1e-4 for paper, else 1e-3)',
      number,
    )
    .option(
      '--gradient-share <x|sum>',
      "share of the segmentation's gradient in the encoder (lambda of eq. 6); `sum` adds both unscaled",
      gradientShare,
      0.1,
    )
    .option(
      '--masking <how>',
      'images trained without mask: `none` are masked, `all` are, a fraction (0..1) is not, or `scheduled` (paper)',
      masking,
      'scheduled',
    )
    .option('--no-auto-mask', 'unwarped frames do not compete with the warped ones')
    .option(
      '--overlap <mean|joint>',
      "Lambda over both neighbours: `mean` (paper) or `joint` (the authors' code)",
      'mean',
    )
    .option('--threads <n>', "onnxruntime's threads", integer, os.availableParallelism())
    .addOption(eagerOption())
    .addOption(DEVICE)
    .addOption(COMPUTE)
    .addOption(RECOMPUTE)
    .option('--every <n>', 'steps between validations, pictures and checkpoints', integer, 500)
    .option('--resume', 'go on from the checkpoint in OUTPUT')
    .option('--name <name>', 'name of the exported model', 'sgdepth')
    .option('--precision <F32|F16>', 'how the exported weights are stored', parsePrecision, 'F32')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const encoder = await readInitEncoder(flags.initEncoder, { flag: '--init', value: flags.init });
  const options = runOptions(flags, encoder?.origin);
  const { checkResume } = await import('../runs/run-folder.js');
  checkResume(flags.output, flags.resume ?? false);
  // Before hours of training: what is not ours where the model will go.
  const folder = path.join(flags.output, 'model');
  await checkModelOutput(folder, { overwrite: true });
  const { runSgdepth } = await import('../methods/sgdepth/sgdepth-run.js');
  const stop = stopOnSignals('stopping after this step, or the data being made');
  const state = await runSgdepth({
    folder: flags.output,
    dataFolder: flags.dataFolder ?? path.join(flags.output, 'data'),
    options,
    ...(flags.init === undefined ? {} : { from: flags.init }),
    encoder,
    threads: flags.threads,
    ...{ eager: flags.eager, device: flags.device, precision: flags.compute, recompute: flags.recompute },
    every: flags.every,
    signal: stop.signal,
    report: (line) => process.stderr.write(`${line}\n`),
  }).finally(() => stop.release());
  if (stop.exitCode !== undefined) {
    process.stderr.write(`stopped after step ${state.step}; the same command with --resume goes on\n`);
    process.exitCode = stop.exitCode;
    return;
  }
  const { exportSgdepthRun } = await import('../methods/sgdepth/export-sgdepth-run.js');
  await exportSgdepthRun({
    folder,
    overwrite: true,
    name: flags.name,
    precision: flags.precision,
    options,
    state,
  });
  process.stdout.write(`${folder}\n`);
}

function runOptions(flags: Flags, encoder?: EncoderOrigin): SgdepthRunOptions {
  const [width, height] = flags.size ?? (isPaper(flags.preset) ? [640, 192] : [256, 96]);
  const batch = flags.batch ?? (isPaper(flags.preset) ? (flags.source === undefined ? 12 : 6) : 4);
  return parseSgdepthRunOptions(
    {
      preset: flags.preset,
      width,
      height,
      target: flags.target,
      ...(flags.source === undefined ? {} : { source: flags.source }),
      ...(flags.init === undefined ? {} : { parent: path.basename(path.resolve(flags.init)) }),
      ...(encoder === undefined ? {} : { encoder }),
      ...(flags.initParts === undefined ? {} : { parentParts: flags.initParts }),
      seed: flags.seed,
      dataSeed: flags.dataSeed,
      length: lengthOf(flags),
      targetBatch: batch,
      sourceBatch: flags.sourceBatch ?? batch,
      ...(flags.accumulate === undefined ? {} : { accumulate: flags.accumulate }),
      learningRate: flags.learningRate ?? (isPaper(flags.preset) ? 1e-4 : 1e-3),
      segmentationGradient: flags.gradientShare === 'sum' ? null : flags.gradientShare,
      masking: flags.masking,
      autoMask: flags.autoMask,
      overlap: flags.overlap,
      ...(flags.compute === 'mixed' ? { compute: flags.compute } : {}),
    },
    'train sgdepth',
  );
}

function lengthOf({ steps, epochs, minutes, preset }: Flags): SgdepthRunOptions['length'] {
  const given = [steps, epochs, minutes].filter((value) => value !== undefined);
  if (given.length > 1) {
    throw new TrainingError(
      'train sgdepth: expected one of `--steps`, `--epochs` and `--minutes`, got several',
    );
  }
  if (steps !== undefined) return { steps };
  if (epochs !== undefined) return { epochs };
  if (minutes !== undefined) return { minutes };
  return isPaper(preset) ? { epochs: 40 } : { steps: 4000 };
}

/** Whether a preset is one of the paper's networks, with the paper's learning rate, size and batch. */
function isPaper(preset: Flags['preset']): boolean {
  return preset === 'paper' || preset === 'paper-resnet50';
}

function gradientShare(text: string): number | 'sum' {
  if (text === 'sum') return text;
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('expected a number in 0..1, or `sum`');
}

function size(text: string): [width: number, height: number] {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (width === undefined || height === undefined)
    throw new InvalidArgumentError('expected WIDTHxHEIGHT, as `640x192`');
  return [Number(width), Number(height)];
}

function masking(text: string): SgdepthRunOptions['masking'] {
  if (text === 'none' || text === 'all' || text === 'scheduled') return text;
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('expected `none`, `all`, `scheduled` or a fraction in 0..1');
}
