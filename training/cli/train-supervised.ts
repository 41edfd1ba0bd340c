import os from 'node:os';
import path from 'node:path';
import { type Command, Option } from 'commander';
import type { EncoderOrigin } from '../../models/manifest.js';
import { checkModelOutput } from '../../models/model-output.js';
import { parseRunOptions, parseStages, type RunOptions } from '../methods/supervised/run-options.js';
import { COMPUTE, DEVICE, type DeviceFlags, RECOMPUTE } from './device-options.js';
import { eagerOption } from './eager-option.js';
import { INIT_ENCODER, readInitEncoder } from './init-encoder.js';
import { integer, number } from './numbers.js';
import { parsePrecision } from './precision.js';
import { stopOnSignals } from './stop-on-signals.js';

interface TrainFlags extends DeviceFlags {
  out: string;
  domain: string;
  from?: string;
  initEncoder?: string;
  seed: number;
  samples: number;
  validation: number;
  sampleSize: string;
  sampleFolder?: string;
  batch: number;
  accumulate?: number;
  stages: string;
  learningRate: number;
  encoderRate?: number;
  weightDecay: number;
  segmentationWeight: number;
  preset: string;
  augmentation?: string;
  threads: number;
  eager?: string;
  every: number;
  resume?: boolean;
  name: string;
  precision: 'F32' | 'F16';
}

/** `rxdepth train supervised`, which `rxdepth train` means without another name. */
export function registerSupervised(train: Command): void {
  train
    .command('supervised', { isDefault: true })
    .description(
      "Train SGDepth's depth and segmentation networks with supervision in the simulator, by the compiled step, and export a model folder. Stops cleanly on Ctrl-C; --resume goes on exactly where it stopped.",
    )
    .requiredOption('-o, --out <folder>', 'run folder: checkpoint, log.csv, panels/, model/')
    .option(
      '--preset <name>',
      'network: `compact` (CPU), `narrow` (half of it), `paper` (ResNet-18), or `efficient`, `efficient-1`, `efficient-2` ' +
        '(EfficientNet-Lite0 to 2, for --init-encoder)',
      'compact',
    )
    .option('--domain <name>', 'simulator domain; several as DOMAIN:SAMPLES,...,DOMAIN', 'wide')
    .option('--from <run>', 'start from the weights of another run instead of drawn ones')
    .addOption(INIT_ENCODER)
    .option('--seed <n>', 'seed of samples, weights and order', integer, 1)
    .option('--samples <n>', 'rendered samples', integer, 6000)
    .option('--validation <n>', 'how many of them are held out', integer, 64)
    .option('--sample-size <WxH>', 'size in pixels at which samples are rendered', '704x224')
    .option('--sample-folder <folder>', 'where samples are kept (default: OUT/samples)')
    .option('--batch <n>', 'images a batch', integer, 8)
    .option('--accumulate <n>', 'batches a step: their gradients are averaged', integer)
    .option(
      '--stages <list>',
      'WIDTHxHEIGHT[+WIDTHxHEIGHT]:STEPS, trained one after another; every fourth batch has the second shape',
      '320x96+224x128:5000,416x128+288x160:1800,640x192+448x256:800',
    )
    .option('--learning-rate <x>', 'peak learning rate; warms up, then falls by a cosine', number, 1e-3)
    .option(
      '--encoder-rate <x>',
      "the encoder's learning rate as a share of the others' (default: 1)",
      number,
    )
    .option('--weight-decay <x>', 'decoupled weight decay', number, 1e-4)
    .option('--segmentation-weight <x>', 'weight of the cross-entropy beside the depth loss', number, 0.1)
    .addOption(
      new Option(
        '--augmentation <name>',
        'random changes of colour: `strong`, `scene` (strong, with shadows, weather and wear drawn from depth and classes), the milder ones of the paper `sgdepth`, or `none`; pictures are always ' +
          'cropped and mirrored (default: strong)',
      ).choices(['strong', 'scene', 'sgdepth', 'none']),
    )
    .option('--threads <n>', "onnxruntime's threads", integer, os.availableParallelism())
    .addOption(eagerOption())
    .addOption(DEVICE)
    .addOption(COMPUTE)
    .addOption(RECOMPUTE)
    .option('--every <n>', 'steps between validations, pictures and checkpoints', integer, 500)
    .option('--resume', 'go on from the checkpoint in OUT')
    .option('--name <name>', 'name of the exported model', 'rxdepth-compact')
    .option('--precision <F32|F16>', 'how the exported weights are stored', parsePrecision, 'F32')
    .action(async (flags: TrainFlags) => runTrain(flags));
}

async function runTrain(flags: TrainFlags): Promise<void> {
  const encoder = await readInitEncoder(flags.initEncoder, { flag: '--from', value: flags.from });
  const options = runOptions(flags, encoder?.origin);
  const { checkResume } = await import('../runs/run-folder.js');
  checkResume(flags.out, flags.resume ?? false);
  // Before hours of training: what is not ours where the model will go.
  const folder = path.join(flags.out, 'model');
  await checkModelOutput(folder, { overwrite: true });
  const { runSupervised } = await import('../methods/supervised/supervised-run.js');
  const { exportRun } = await import('../methods/supervised/export-run.js');
  const stop = stopOnSignals('stopping after this step, or the samples being rendered');
  const state = await runSupervised({
    folder: flags.out,
    sampleFolder: flags.sampleFolder ?? path.join(flags.out, 'samples'),
    options,
    start: {
      ...(flags.from === undefined ? {} : { from: path.join(flags.from, 'checkpoint') }),
      ...(encoder === undefined ? {} : { encoder }),
    },
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
  await exportRun({ folder, overwrite: true, name: flags.name, precision: flags.precision, options, state });
  process.stdout.write(`${folder}\n`);
}

function runOptions(flags: TrainFlags, encoder?: EncoderOrigin): RunOptions {
  const [sampleWidth, sampleHeight] = flags.sampleSize.split('x').map(Number);
  return parseRunOptions(
    {
      domain: flags.domain,
      ...(flags.from === undefined ? {} : { parent: path.basename(path.resolve(flags.from)) }),
      ...(encoder === undefined ? {} : { encoder }),
      seed: flags.seed,
      samples: flags.samples,
      validation: flags.validation,
      sampleWidth,
      sampleHeight,
      batchSize: flags.batch,
      ...(flags.accumulate === undefined ? {} : { accumulate: flags.accumulate }),
      stages: parseStages(flags.stages),
      learningRate: flags.learningRate,
      ...(flags.encoderRate === undefined ? {} : { encoderRate: flags.encoderRate }),
      weightDecay: flags.weightDecay,
      segmentationWeight: flags.segmentationWeight,
      preset: flags.preset,
      ...(flags.augmentation === undefined ? {} : { augmentation: flags.augmentation }),
      ...(flags.compute === 'mixed' ? { compute: flags.compute } : {}),
    },
    'train',
  );
}
