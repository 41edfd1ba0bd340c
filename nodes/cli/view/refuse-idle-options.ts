import type { Command } from 'commander';
import { NodeError } from '../../errors.js';

/** What a page may look at without computing anything. */
export type Shown =
  | { readonly kind: 'output'; readonly bag: string; readonly named: boolean }
  | { readonly kind: 'ros' };

/** Attributes of the options that only a replay reads. */
const OF_REPLAYS = [
  ...['image', 'cameraInfo', 'cameraKind', 'intrinsics', 'bitDepth', 'maxPixels'],
  ...['model', 'device', 'threads', 'pointsStride', 'motion'],
  ...['scale', 'cameraHeight', 'odometry', 'lidar', 'baseFrame'],
];
/** Those that only bags have. */
const OF_BAGS = ['replay', 'speed', 'paused'];

/** Refuses options that a user gave and that would change nothing. @throws NodeError that names them and what to do. */
export function refuseIdleOptions(command: Command, shown: Shown): void {
  const idle = shown.kind === 'ros' ? [...OF_REPLAYS, ...OF_BAGS] : OF_REPLAYS;
  const given = command.options
    .filter((option) => idle.includes(option.attributeName()))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long, flags }) => `\`${long ?? flags}\``);
  if (given.length === 0) return;
  throw new NodeError(`${given.join(', ')}: expected \`none of these\` ${reasonOf(shown)}`);
}

function reasonOf(shown: Shown): string {
  if (shown.kind === 'ros')
    return 'with `--ros`, which shows what the node makes by its own parameters; leave them out, or name a bag';
  const { bag, named } = shown;
  const replay = named ? `\`rxdepth view --replay ${bag}\` computes` : 'add `--replay` to compute';
  return `where nothing is computed: ${bag} holds an output of rxdepth, which is shown as it is; leave them out, or ${replay} it anew`;
}
