import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEVICE_CHOICES, type DeviceChoice } from '../../models/device.js';
import { stopOnSignals } from '../../models/stop-on-signals.js';
import { addCameraFlags } from '../../msgs/camera/camera-flags.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import { NodeError } from '../errors.js';
import {
  parseCount,
  parsePositive,
  parseRate,
  parseScale,
  parseThreads,
  type ScaleChoice,
} from './replay-options.js';
import { refuseIdleOptions } from './view/refuse-idle-options.js';

interface Flags extends CameraSettings {
  readonly replay?: boolean;
  /** As an output was named before: its bag. */
  readonly output?: string;
  /** True: the default namespace. */
  readonly ros?: string | true;
  readonly host: string;
  readonly port: number;
  readonly allowOrigin?: readonly string[];
  readonly speed?: number;
  readonly paused?: boolean;
  readonly model?: string;
  readonly device: DeviceChoice;
  readonly threads?: number;
  readonly pointsStride: number;
  readonly motion: boolean;
  readonly scale: ScaleChoice;
  readonly cameraHeight?: number;
  readonly odometry?: string;
  readonly lidar?: string;
  readonly baseFrame?: string;
}

/** `rxdepth view`. */
export function register(program: Command): void {
  const command = program
    .command('view')
    .summary('look at a bag, an output of replay or a running node in a browser')
    .description(
      'Opens a page on this machine that shows what the node sees: camera, depth, labels, what moves, the cloud. A bag is ' +
        'replayed while you look; an output that `rxdepth replay` wrote is shown as it is. Foxglove and Lichtblick connect ' +
        'to the same address (ws://127.0.0.1:8765).',
    )
    .argument('[bag]', 'bag folder, .mcap or .db3 file: a recorded drive, or an output of rxdepth')
    .option('--replay', 'compute anew what the bag already holds of rxdepth, from the images in it')
    .addOption(
      new Option('--output <bag>', 'an output of `rxdepth replay`; anything else is an error').conflicts(
        'replay',
      ),
    )
    .option(
      '--ros [namespace]',
      'look at a perception node that runs on the ROS 2 graph, by its topics (default: /rxdepth); ROS 2 must be sourced',
    )
    .option('--port <port>', 'port of the page; 0: any that is free', parsePort, 8765)
    .option(
      '--host <address>',
      'address to serve on; others than 127.0.0.1 let other machines look, who need the token of the printed address',
      '127.0.0.1',
    )
    .option(
      '--allow-origin <origin>',
      'let pages of this origin connect, such as http://viewer.local:8080; can be given more than once',
      (origin: string, others: readonly string[] = []) => [...others, parseOrigin(origin)],
    )
    .option('--speed <factor>', 'multiple of the recorded speed (default: 1)', parseRate)
    .option('--paused', 'begin with the first frame, and wait');
  addCameraFlags(command)
    .option(
      '--model <folder>',
      'model folder or version NAME/N (default: the current one, and every one that takes its place)',
    )
    .addOption(
      new Option('--device <device>', 'where the network runs').choices(DEVICE_CHOICES).default('auto'),
    )
    .option('--threads <count>', 'CPU threads for the network (default: one per core)', parseThreads)
    .option('--points-stride <pixels>', 'a point for every n-th pixel of every n-th row', parseCount, 4)
    .option('--no-motion', 'do not compare frames: nothing is judged to move; faster')
    .option(
      '--scale <source>',
      'where metres come from: none, model, a factor, camera_height, odometry, lidar (see `replay`)',
      parseScale,
      'model',
    )
    .option('--camera-height <metres>', 'from the road to the camera', parsePositive)
    .option('--odometry <topic>', 'nav_msgs/Odometry, for --scale odometry')
    .option('--lidar <topic>', 'sensor_msgs/PointCloud2, for --scale lidar')
    .option('--base-frame <frame>', "frame on the ground, by the bag's /tf_static")
    .action(viewCommand);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError('expected `0 to 65535`.');
}

/** As browsers send it: no path, no slash at the end. */
function parseOrigin(text: string): string {
  const origin = text.replace(/\/$/, '').toLowerCase();
  if (/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]*$/.test(origin)) return origin;
  throw new InvalidArgumentError('expected `http://NAME:PORT`, without a path.');
}

async function viewCommand(bag: string | undefined, flags: Flags, command: Command): Promise<void> {
  if ([bag, flags.output, flags.ros].filter((given) => given !== undefined).length !== 1)
    throw new NodeError(
      'expected one of: a recorded drive, an output that `rxdepth replay` wrote, `--ros` for a node that runs',
    );
  if (flags.ros !== undefined) refuseIdleOptions(command, { kind: 'ros' });
  if (flags.output !== undefined)
    refuseIdleOptions(command, { kind: 'output', bag: flags.output, named: true });
  const say = (text: string) => void process.stderr.write(`rxdepth: ${text}\n`);
  say('opening; the address of the page follows');
  // Loaded only now: `--help` needs neither onnxruntime nor sharp.
  const { runView } = await import('./view/run-view.js');
  const stop = stopOnSignals('rxdepth: ending the view');
  try {
    const { output, replay, ros, ...others } = flags;
    const options = { ...others, say, signal: stop.signal, opened: announce };
    if (output !== undefined) return await runView({ ...options, output });
    if (bag === undefined) return await runView({ ...options, ros: namespaceOf(ros) });
    if (replay || !(await holdsOutput(bag))) return await runView({ ...options, bag });
    refuseIdleOptions(command, { kind: 'output', bag, named: false });
    say(`${bag} holds an output of rxdepth, which is shown as it is; \`--replay\` computes it anew`);
    await runView({ ...options, output: bag });
  } finally {
    stop.release();
  }
}

async function holdsOutput(bag: string): Promise<boolean> {
  const { openBag } = await import('../../msgs/bag/open-bag.js');
  const { isOutputBag } = await import('../../msgs/bag/is-output-bag.js');
  const reader = await openBag(bag);
  try {
    return isOutputBag(reader);
  } finally {
    await reader.close();
  }
}

function namespaceOf(given: string | true | undefined): string {
  const namespace = typeof given === 'string' ? given : '/rxdepth';
  if (/^\/([A-Za-z_]\w*(\/[A-Za-z_]\w*)*)?$/.test(namespace)) return namespace;
  throw new NodeError(`--ros: expected a namespace such as \`/rxdepth\`, got \`${namespace}\``);
}

function announce({ url, foxglove }: { readonly url: string; readonly foxglove: string }): void {
  process.stdout.write(`page      ${url}\nfoxglove  ${foxglove}\n`);
  process.stderr.write('rxdepth: Ctrl+C ends\n');
}
