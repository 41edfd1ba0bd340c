import { type Command, Option } from 'commander';
import { DEVICE_CHOICES, type DeviceChoice } from '../../models/device.js';
import { stopOnSignals } from '../../models/stop-on-signals.js';
import { addCameraFlags } from '../../msgs/camera/camera-flags.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import { NodeError } from '../errors.js';
import type { DepthEncoding } from '../perception/engine/inference-request.js';
import {
  defaultOutput,
  parseCount,
  parseFromZero,
  parseHeights,
  parsePositive,
  parseRate,
  parseScale,
  parseShare,
  parseThreads,
  type ReplayOptions,
  type ScaleChoice,
} from './replay-options.js';

interface Flags extends CameraSettings {
  readonly output?: string;
  readonly model?: string;
  readonly follow?: boolean;
  readonly device: DeviceChoice;
  readonly threads?: number;
  readonly pointsStride: number;
  readonly depthEncoding: DepthEncoding;
  readonly compress?: boolean;
  readonly confidence: boolean;
  readonly minConfidence?: number;
  readonly motion: boolean;
  readonly stabilize?: boolean;
  readonly scale: ScaleChoice;
  readonly cameraHeight?: number;
  readonly odometry?: string;
  readonly lidar?: string;
  readonly obstacles?: boolean;
  readonly obstacleHeights?: readonly [lowest: number, highest: number];
  readonly obstacleRange?: number;
  readonly baseFrame?: string;
  readonly odometryTf?: boolean;
  readonly images?: boolean;
  readonly rate?: number;
  readonly start?: number;
  readonly duration?: number;
  /** As `ros2 bag play` calls them. */
  readonly startOffset?: number;
  readonly playbackDuration?: number;
  readonly limit?: number;
  readonly pictures?: string;
  readonly panelEvery?: number;
  /** As it was called before. */
  readonly pictureEvery?: number;
  readonly json?: string;
  readonly overwrite?: boolean;
  readonly verbose?: boolean;
}

const PANEL_EVERY = 10;

/** `rxdepth replay`. */
export function register(program: Command): void {
  const command = program
    .command('replay')
    .summary('run perception on a recorded bag and write an output bag')
    .description(
      'Runs perception on a recorded bag as fast as the machine allows and writes an output bag with depth, labels, ' +
        'dynamic-class masks and point clouds, one of each for every image.',
    )
    .argument('<bag>', 'bag folder, .mcap or .db3 file; a path, or a URL: s3://, https://, http://')
    .option('-o, --output <folder>', 'output bag (default: `<bag name>_rxdepth` in the current folder)')
    .option('--overwrite', 'replace the output bag if it exists');
  addCameraFlags(command)
    .option(
      '--model <folder>',
      'model folder or version NAME/N (default: the current one of `rxdepth model`)',
    )
    .addOption(
      new Option(
        '--follow',
        'swap between two frames to what becomes the current version meanwhile, by `adapt` or `rxdepth model`',
      ).conflicts('model'),
    )
    .addOption(
      new Option('--device <device>', 'where the network runs').choices(DEVICE_CHOICES).default('auto'),
    )
    .option('--threads <count>', 'CPU threads for the network (default: one per core)', parseThreads)
    .option('--points-stride <pixels>', 'a point for every n-th pixel of every n-th row', parseCount, 4)
    .addOption(
      new Option('--depth-encoding <encoding>', '32FC1: metres, +Inf too far; 16UC1: millimetres, 0 invalid')
        .choices(['32FC1', '16UC1'])
        .default('32FC1'),
    )
    .option(
      '--compress',
      'write images compressed too: labels and masks png, colours jpeg (TOPIC/compressed), depth TOPIC/compressedDepth',
    )
    .option(
      '--no-confidence',
      "do not write the model's confidence: no depth/confidence, no such field of points",
    )
    .option(
      '--min-confidence <share>',
      "points with less confidence become NaN, and no obstacles; for models that tell their depth's confidence",
      parseShare,
    )
    .option(
      '--no-motion',
      'do not compare frames: no dynamic/moving, no tracks, no points/static, no odometry, no obstacles, no Lambda, dynamic/mask of single frames; faster',
    )
    .option(
      '--stabilize',
      "draw each frame's depth towards that of the frames before, where nothing moves: it flickers less",
    )
    .option(
      '--scale <source>',
      'where metres come from: none, model, a factor, camera_height (of the camera over the road, with --camera-height), odometry (speed), lidar (median ratio)',
      parseScale,
      'model',
    )
    .option(
      '--camera-height <metres>',
      'from the road to the camera, for --scale camera_height',
      parsePositive,
    )
    .option(
      '--odometry <topic>',
      'nav_msgs/Odometry, for --scale odometry (default: the only one in the bag)',
    )
    .option(
      '--lidar <topic>',
      'sensor_msgs/PointCloud2, for --scale lidar (default: the only one in the bag)',
    )
    .option('--obstacles', 'find obstacles: points/obstacles, points/dynamic, scan')
    .option(
      '--obstacle-heights <lowest,highest>',
      'metres over the ground between which points are obstacles (default: 0.3,2)',
      parseHeights,
    )
    .option(
      '--obstacle-range <metres>',
      'obstacles farther than this are left out (default: 15)',
      parsePositive,
    )
    .option(
      '--base-frame <frame>',
      "frame on the ground whose pose the output odometry tells, by the bag's /tf_static (default: the camera's)",
    )
    .option('--odometry-tf', 'write the pose of the output odometry to /tf too')
    .option('--images', 'copy the camera images into the output bag')
    .option('--rate <factor>', 'multiple of the recorded speed (default: as fast as possible)', parseRate)
    .option(
      '--start <seconds>',
      'pass over so much of the recording; what was said once before still holds (also --start-offset)',
      parseFromZero,
    )
    .addOption(new Option('--start-offset <seconds>').argParser(parseFromZero).conflicts('start').hideHelp())
    .option(
      '--duration <seconds>',
      'replay so much of the recording (default: up to its end; also --playback-duration)',
      parsePositive,
    )
    .addOption(
      new Option('--playback-duration <seconds>').argParser(parsePositive).conflicts('duration').hideHelp(),
    )
    .option('--limit <frames>', 'stop after so many images', parseCount)
    .option('--pictures <folder>', 'write PNG panels: camera, depth, labels, dynamic classes')
    .option('--panel-every <frames>', 'a panel for every n-th image (default: 10)', parseCount)
    .addOption(new Option('--picture-every <frames>').argParser(parseCount).hideHelp())
    .option('--json <file>', 'write the summary to this file as JSON')
    .option(
      '--verbose',
      'all stages in the summary, the longest stall of the event loop, and why no GPU computed',
    )
    .action(replayCommand);
}

async function replayCommand(bag: string, flags: Flags): Promise<void> {
  const start = flags.start ?? flags.startOffset;
  const duration = flags.duration ?? flags.playbackDuration;
  const options: ReplayOptions = {
    ...flags,
    ...(start !== undefined && { start }),
    ...(duration !== undefined && { duration }),
    bag,
    output: flags.output ?? defaultOutput(bag),
    images: flags.images ?? false,
    overwrite: flags.overwrite ?? false,
    verbose: flags.verbose ?? false,
    pictureEvery: flags.panelEvery ?? flags.pictureEvery ?? PANEL_EVERY,
  };
  // Loaded only now: `--help` needs neither onnxruntime nor sharp.
  const { runReplay } = await import('./run-replay.js');
  const { formatSummary } = await import('./replay-summary.js');
  const { checkSummaryPlace, writeSummary } = await import('./write-summary.js');
  if (flags.json !== undefined) await checkSummaryPlace(flags.json, options.overwrite);
  const stop = stopOnSignals('rxdepth: finishing the frames in flight');
  try {
    const summary = await runReplay(options, { progress: process.stderr, signal: stop.signal });
    process.stdout.write(formatSummary(summary, options.verbose));
    if (flags.json !== undefined) await writeSummary(flags.json, summary);
    if (summary.framesOut === 0 && !summary.interrupted) {
      process.stderr.write('rxdepth: no image was processed; the reasons are in the summary.\n');
      process.exitCode = 1;
    }
  } catch (error) {
    // Stopped before it began.
    if (stop.exitCode === undefined || !(error instanceof NodeError)) throw error;
    process.stderr.write(`rxdepth: ${error.message}\n`);
  } finally {
    stop.release();
  }
  if (stop.exitCode !== undefined) process.exitCode = stop.exitCode;
}
