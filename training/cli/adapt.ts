import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { stopOnSignals } from '../../models/stop-on-signals.js';
import { addAdaptationFlags, swallowed } from '../../msgs/adaptation/adaptation-flags.js';
import type { AdaptationRequest } from '../../msgs/adaptation/adaptation-request.js';
import { addCameraFlags } from '../../msgs/camera/camera-flags.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import type { LearningLayers } from '../adaptation/learning/learning-layers.js';
import { TrainingError } from '../errors.js';
import { count, integer, positive, threads } from './numbers.js';

interface AdaptFlags extends CameraSettings, AdaptationRequest {
  readonly method: string;
  readonly minutes: number;
  readonly deadline?: number;
  readonly steps?: number;
  readonly restart?: boolean;
  readonly layers: LearningLayers;
  readonly statistics: 'frozen' | 'joint';
  readonly frames: number;
  readonly model?: string;
  readonly judgeOnly?: boolean;
  readonly lidar?: string | false;
  readonly odometry?: string | false;
  readonly sourceDomain?: string;
  readonly output?: string;
  /** What `--output` was called. */
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly promote: boolean;
  readonly seed: number;
  readonly learningRate?: number;
  readonly threads: number;
  readonly priority: number;
  readonly json?: boolean;
}

/** Exit codes beside 0 (promoted, or what was asked for was done) and 1 (error). */
const EXIT_NOT_PROMOTED = 3;

/** `rxdepth adapt`. */
export function register(program: Command): void {
  const command = program
    .command('adapt')
    .summary('adapt the model to recorded drives, and have the result judged')
    .description(
      'Adapt the model to recorded drives and have the result judged on parts of them that were kept aside; only what the ' +
        'judge finds better becomes the current version (`rxdepth model`). Exit code 0: promoted; 3: rejected, undecided ' +
        'or refused, the current version is untouched; 1: error; 130: stopped by Ctrl-C. The current version stays then, and the ' +
        'next run goes on with an unfinished learning.',
    )
    .argument('[bag...]', 'recorded drives, of one camera or of several: bag folders, .mcap or .db3 files');
  addAdaptationFlags(command)
    .option(
      '--minutes <n>',
      'time for the whole run on an idle machine, judging included: processor time counts, so a busy machine takes longer',
      positive,
      10,
    )
    .option(
      '--deadline <n>',
      'most minutes by the clock on the wall; what is not learned by then goes on with the next run (default: 3 times --minutes)',
      positive,
    )
    .option(
      '--steps <n>',
      'steps of learning, over as many runs as it takes (default: four passes over the drives, 150 to 2000)',
      count,
    )
    .option('--restart', 'learn from the beginning, even where an earlier run of these drives was cut short')
    .option('--frames <n>', 'most pictures looked at; of longer drives parts, evenly spread', count, 1200)
    .option(
      '--model <folder>',
      'what is adapted: model folder or version NAME/N; with --judge-only what is judged (default: the current version)',
    )
    .option('--judge-only', 'learn nothing: judge --model against the current version on the drives')
    .option('--lidar <topic>', 'PointCloud2 to judge by (default: the only one there is; never learned from)')
    .option('--no-lidar', 'judge without one, whatever the drives have')
    .option(
      '--odometry <topic>',
      'Odometry, TwistStamped or PoseStamped that says how far the vehicle came, to learn and judge metres by (default: the ' +
        'only odometry or twist there is)',
    )
    .option('--no-odometry', 'learn and judge without it, whatever the drives have');
  addCameraFlags(command)
    .option(
      '--source-domain <names>',
      'simulator domains that must not be forgotten, comma-separated (default: those the model was trained in)',
    )
    .option(
      '-o, --output <folder>',
      'log.csv, panels/, candidate/, result.json (default: .adaptations/ in $RXDEPTH_HOME, the latest 8 are kept)',
    )
    .addOption(new Option('--out <folder>').hideHelp())
    .option('--overwrite', 'replace an earlier run in the folder of --output')
    .option('--no-promote', 'judge, but leave the versions alone')
    .option('--seed <n>', 'seed of order and augmentation', integer, 1)
    .option('--learning-rate <x>', 'peak learning rate', positive)
    .addOption(
      new Option('--layers <which>', 'what of the network learns, with --method sgdepth')
        .choices(['all', 'decoders', 'encoder', 'normalisation'])
        .default('all'),
    )
    .addOption(
      new Option(
        '--statistics <which>',
        'of batch normalisation: `frozen` keeps those of the model, `joint` takes those of drives and samples together',
      )
        .choices(['frozen', 'joint'])
        .default('frozen'),
    )
    .option('--threads <n>', "onnxruntime's threads", threads, os.availableParallelism())
    .option('--priority <n>', 'nice value of the process, 0 (normal) to 19 (lowest)', integer, 10)
    .option('--json', 'print the result as one JSON object on the last line')
    .action(async (bags: string[], flags: AdaptFlags) => adapt(bags, flags));
}

async function adapt(bags: readonly string[], flags: AdaptFlags): Promise<void> {
  if (bags.length === 0)
    throw new TrainingError(`expected a \`bag\` to learn from, got none${swallowed(flags, 'the drives')}.`);
  // Before any library starts its threads: they inherit it.
  os.setPriority(Math.min(19, flags.priority));
  const { runAdaptation } = await import('../adaptation/run-adaptation.js');
  const { adaptationMethod } = await import('../adaptation/adaptation-methods.js');
  const { ADAPTATION_SETTINGS } = await import('../adaptation/adaptation-settings.js');
  const stop = stopOnSignals('stopping after this step; the current version stays');
  const { learningRate = ADAPTATION_SETTINGS.learningRate, seed, layers, statistics } = flags;
  const alignment = {
    ...ADAPTATION_SETTINGS.alignment,
    ...(flags.learningRate !== undefined && { learningRate: flags.learningRate }),
  };
  const result = await runAdaptation({
    bags,
    names: flags,
    // commander: true where neither --lidar nor --no-lidar was given, which its typings do not know.
    lidar: (flags.lidar as string | boolean | undefined) === true ? undefined : flags.lidar, // as said
    odometry: (flags.odometry as string | boolean | undefined) === true ? undefined : flags.odometry, // as said
    cameraHeight: flags.cameraHeight,
    guards: flags.guard ?? [],
    teachers: flags.teacher ?? [],
    model: flags.model,
    judgeOnly: flags.judgeOnly ?? false,
    promote: flags.promote,
    out: flags.output ?? flags.out,
    overwrite: flags.overwrite,
    sourceDomain: flags.sourceDomain,
    minutes: flags.minutes,
    deadlineMinutes: flags.deadline,
    restart: flags.restart ?? false,
    steps: flags.steps,
    mostFrames: flags.frames,
    method: adaptationMethod(flags.method),
    settings: { ...ADAPTATION_SETTINGS, learningRate, alignment, seed, layers, statistics },
    command: commandOf(bags, flags),
    threads: flags.threads,
    signal: stop.signal,
    report: (line) => process.stderr.write(`${line}\n`),
  }).finally(() => stop.release());
  if (result.folder !== undefined) {
    await writeFile(path.join(result.folder, 'result.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  }
  process.stdout.write(`${flags.json ? JSON.stringify(result) : result.text}\n`);
  if (stop.exitCode !== undefined) process.exitCode = stop.exitCode;
  else if (result.outcome !== 'promoted') process.exitCode = EXIT_NOT_PROMOTED;
}

function commandOf(bags: readonly string[], flags: AdaptFlags): string {
  const names = bags.map((bag) => path.basename(path.resolve(bag))).join(' ');
  return (
    `rxdepth adapt ${names} --method ${flags.method} --minutes ${flags.minutes} --seed ${flags.seed}` +
    (flags.teacher === undefined
      ? ''
      : ` --teacher ${flags.teacher.map((each) => path.basename(each)).join(' ')}`) +
    (flags.steps === undefined ? '' : ` --steps ${flags.steps}`) +
    (flags.learningRate === undefined ? '' : ` --learning-rate ${flags.learningRate}`)
  );
}
