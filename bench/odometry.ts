import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../models/package-root.js';
import { resolveModel } from '../models/resolve-model.js';
import { CAMERA_SIZE } from './adaptation/drive-quality.js';
import { recordedDrive } from './adaptation/recorded-drive.js';
import { replayDrive } from './motion/replay-drive.js';
import { odometryDrift } from './odometry/odometry-drift.js';
import { saidPoses, truePoses } from './odometry/poses.js';

/**
 * Drift of the output `odometry` on the recorded drive kitti_stereo_1 and on simulated drives, as docs/measurements/odometry.md
 * has it: a table, a line of JSON.
 */
const program = new Command('bench:odometry')
  .option('--out <folder>', 'drives (made once) and replays', path.join(tmpdir(), 'rxdepth-odometry'))
  .option('--drives <names>', 'DOMAIN:SEED of simulated drives', 'parked:11,convoy:11')
  .option('--frames <n>', 'of each simulated drive, 10 a second', '60')
  .option(
    '--data <folder>',
    'recorded drive kitti_stereo_1; left out where it is not (default: RXDEPTH_DATA)',
  )
  .option('--scale <source>', 'of the replays: model, or camera_height with --camera-height', 'model')
  .option('--camera-height <metres>', 'for --scale camera_height')
  .option('--model <folder>', 'default: the current model')
  .parse();
const flags = program.opts<{
  out: string;
  drives: string;
  frames: string;
  data?: string;
  scale: 'model' | 'camera_height';
  cameraHeight?: string;
  model?: string;
}>();
const data = flags.data ?? process.env.RXDEPTH_DATA ?? path.join(packageRoot(), '..', 'shared', 'data');
const model = await resolveModel(flags.model);
const say = (text: string) => process.stdout.write(`${text}\n`);

const bags: string[] = [];
const recorded = path.join(data, 'kitti_stereo_1');
if (existsSync(recorded)) bags.push(recorded);
else say(`kitti_stereo_1 is not in ${data}: left out`);
for (const drive of flags.drives.split(',').filter((name) => name !== '')) {
  const [domain = '', seed = ''] = drive.split(':');
  const kind = { domain, seed: Number(seed), frames: Number(flags.frames), frameRate: 10, ...CAMERA_SIZE };
  bags.push(await recordedDrive(path.join(flags.out, `drives-${flags.frames}`), kind));
}
say(
  '| drive | messages | way, m | drift, m a 100 m | with the scale corrected | length told / true | turn, degrees a 100 m | end: error / deviation |',
);
say('| --- | --- | --- | --- | --- | --- | --- | --- |');
const figures: Record<string, object> = {};
for (const bag of bags) {
  const name = path.basename(bag);
  const output = path.join(flags.out, 'replays', name);
  const scale =
    flags.cameraHeight === undefined
      ? ({ scale: 'model' } as const)
      : ({ scale: flags.scale, cameraHeight: Number(flags.cameraHeight) } as const);
  await replayDrive(bag, output, { model, ...scale });
  const drift = odometryDrift(await saidPoses(output), await truePoses(bag));
  const { messages, way, per100, per100Scaled, length, degrees, normalized } = drift;
  const cells = [way, per100, per100Scaled, length, degrees, normalized].map((value) => value.toFixed(2));
  say(`| ${[name, messages, ...cells].join(' | ')} |`);
  figures[name] = drift;
}
say(JSON.stringify({ odometry: figures }));
