import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { loadModel } from '../models/model-store.js';
import { resolveModel } from '../models/resolve-model.js';
import { domainNamed } from '../training/simulator/domains.js';
import { trueVelocities } from '../training/simulator/true-velocities.js';
import { median } from '../vision/median.js';
import { CAMERA_SIZE } from './adaptation/drive-quality.js';
import { recordedDrive } from './adaptation/recorded-drive.js';
import { replayDrive } from './motion/replay-drive.js';
import { scoreTracks } from './tracks/score-tracks.js';
import { TrackScore } from './tracks/track-score.js';

/**
 * The output `dynamic/tracks` against the truth of simulated drives, as docs/measurements/motion.md has it: a table, a line of
 * JSON.
 */
const program = new Command('bench:tracks')
  .option('--out <folder>', 'drives (made once) and replays', path.join(tmpdir(), 'rxdepth-motion'))
  .option('--domains <names>', 'comma-separated', 'convoy,highway,standing,parked')
  .option('--seeds <n>', 'drives of each domain', '3')
  .option('--first <seed>', 'seed of the first of them', '11')
  .option('--frames <n>', 'of each drive, 10 a second', '30')
  .option('--model <folder>', 'default: the current model')
  .parse();
const flags = program.opts<{
  out: string;
  domains: string;
  seeds: string;
  first: string;
  frames: string;
  model?: string;
}>();
const model = await resolveModel(flags.model);
const { classes } = (await loadModel(model)).manifest;
const say = (text: string) => process.stdout.write(`${text}\n`);
const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
const middle = (values: readonly number[]) => (values.length === 0 ? '-' : median([...values]).toFixed(2));
const round = (value: number) => Math.round(value * 1000) / 1000;

say(
  '| drives | precision | recall | of what the labels see | id switches | MOTA | class right | off, m | velocity off, m/s: moving | standing |',
);
say('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
const figures: Record<string, object> = {};
for (const domain of flags.domains.split(',')) {
  const score = new TrackScore(classes.map(({ name }) => name));
  for (let i = 0; i < Number(flags.seeds); i++) {
    const frames = Number(flags.frames);
    const kind = { domain, seed: Number(flags.first) + i, frames, frameRate: 10, ...CAMERA_SIZE };
    const bag = await recordedDrive(path.join(flags.out, `drives-${frames}`), kind);
    const output = path.join(flags.out, 'replays', `${path.basename(bag)}-tracks`);
    await replayDrive(bag, output, { model });
    const velocities = trueVelocities({ ...kind, domain: domainNamed(domain) });
    await scoreTracks(bag, output, velocities, score);
  }
  const { precision, recall, recallOfSeen, switches, mota, rightClass, right, wrong, missed, unseen } = score;
  const cells = [
    percent(precision),
    percent(recall),
    percent(recallOfSeen),
    String(switches),
    mota.toFixed(2),
  ];
  const errors = [score.off, score.movingError, score.standingError].map(middle);
  say(`| ${[domain, ...cells, percent(rightClass / right), ...errors].join(' | ')} |`);
  figures[domain] = {
    ...{ right, wrong, missed, unseen, switches },
    ...{ precision: round(precision), recall: round(recall), mota: round(mota) },
  };
}
say(JSON.stringify({ tracks: figures }));
