import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { ModelRunner } from '../models/model-runner.js';
import { loadModel } from '../models/model-store.js';
import { packageRoot } from '../models/package-root.js';
import { resolveModel } from '../models/resolve-model.js';
import type { ReplayOptions } from '../nodes/cli/replay-options.js';
import { type Domain, domainNamed } from '../training/simulator/domains.js';
import { simulateDrive } from '../training/simulator/drive.js';
import { median } from '../vision/median.js';
import { CAMERA_SIZE } from './adaptation/drive-quality.js';
import { recordedDrive } from './adaptation/recorded-drive.js';
import { autoMaskShares } from './motion/auto-mask.js';
import { areaUnderCurve, lambdas, quantile } from './motion/lambdas.js';
import { MovingScore, precisionRecall } from './motion/moving-score.js';
import { replayDrive } from './motion/replay-drive.js';
import { scaleFigures } from './motion/scale-figures.js';
import { scoreDrive } from './motion/score-drive.js';
import { withOdometry } from './motion/with-odometry.js';

/** What moves, Lambda, the auto-mask and the metric scale, as docs/measurements/motion.md has them; tables, pictures, a line of JSON. */
const program = new Command('bench:motion')
  .description('Lambda, dynamic/moving, the auto-mask and the metric scale; the last line is JSON.')
  .option('--parts <names>', 'comma-separated: moving, auto-mask, scale', 'moving,auto-mask,scale')
  .option('--out <folder>', 'drives (made once), replays, pictures', path.join(tmpdir(), 'rxdepth-motion'))
  .option('--seeds <n>', 'drives of each domain', '3')
  .option('--frames <n>', 'of each drive, 10 a second', '30')
  .option(
    '--data <folder>',
    'recorded drives kitti_traffic_jam and highway_dashcam; left out where they are not (default: RXDEPTH_DATA)',
  )
  .option('--model <folder>', 'default: the current model')
  .parse();
const flags = program.opts<{
  parts: string;
  out: string;
  seeds: string;
  frames: string;
  data?: string;
  model?: string;
}>();
const data = flags.data ?? process.env.RXDEPTH_DATA ?? path.join(packageRoot(), '..', 'shared', 'data');
const model = await resolveModel(flags.model);
const FIRST_SEED = 11;
const DOMAINS = ['convoy', 'highway', 'standing', 'parked'] as const;

const say = (text: string) => process.stdout.write(`${text}\n`);
const round = (value: number) => Math.round(value * 1000) / 1000;
const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
const row = (...cells: readonly string[]) => say(`| ${cells.join(' | ')} |`);
function head(...cells: readonly string[]): void {
  say('');
  row(...cells);
  row(...cells.map(() => '---'));
}
const picture = (name: string) => path.join(flags.out, 'pictures', `${name}.png`);

function kindOf(domain: string, seed: number) {
  return { domain, seed, frames: Number(flags.frames), frameRate: 10, ...CAMERA_SIZE };
}

const drive = (domain: string, seed: number, changed?: Domain) =>
  recordedDrive(path.join(flags.out, `drives-${flags.frames}`), kindOf(domain, seed), changed);

function replay(bag: string, suffix = '', options: Partial<ReplayOptions> = {}): Promise<string> {
  const output = path.join(flags.out, 'replays', `${path.basename(bag)}${suffix}`);
  return replayDrive(bag, output, { model, ...options });
}

/** The folder of a recorded drive; undefined, and said, where it is not there. */
function recording(name: string): string | undefined {
  const bag = path.join(data, name);
  if (existsSync(bag)) return bag;
  say(`${name} is not in ${data}: left out`);
  return undefined;
}

async function movingPart(): Promise<object> {
  const known: Record<string, number[]> = {};
  const scores: Record<string, MovingScore> = {};
  for (const domain of DOMAINS) {
    const score = new MovingScore();
    scores[domain] = score;
    known[domain] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + Number(flags.seeds); seed++) {
      const bag = await drive(domain, seed);
      const output = await replay(bag);
      const values = await lambdas(output);
      known[domain].push(...values);
      const name = `${domain}-${seed}`;
      score.add(await scoreDrive(bag, output, movingInstances(domain, seed), picture(name)));
      process.stderr.write(`${name}: Lambda ${values.map((value) => value.toFixed(2)).join(' ')}\n`);
    }
  }
  for (const name of ['highway_dashcam', 'kitti_traffic_jam']) {
    const bag = recording(name);
    if (bag !== undefined) known[name] = await lambdas(await replay(bag));
  }
  head('drives', 'status messages', 'Lambda: mean', '10 %', 'median', '90 %', 'AUC against parked');
  const curves: Record<string, number> = {};
  for (const [name, values] of Object.entries(known)) {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const marks = [0.1, 0.5, 0.9].map((share) => quantile(values, share));
    curves[name] = areaUnderCurve(values, known.parked);
    row(name, String(values.length), ...[mean, ...marks, curves[name]].map((value) => value.toFixed(2)));
  }
  head(
    ...['drives', 'pixels: precision', 'recall', 'wrong on parked', 'things: precision', 'recall'],
    ...[
      'hit',
      'wrong',
      'missed',
      'rightly not',
      'moving, unseen',
      'standing points kept',
      'moving points kept',
    ],
  );
  for (const [domain, { pixels, things, parkedPixels, unseen, standing, moving }] of Object.entries(scores)) {
    const [byPixel, byThing] = [precisionRecall(pixels), precisionRecall(things)];
    row(
      ...[domain, percent(byPixel.precision), percent(byPixel.recall), percent(parkedPixels / pixels.wrong)],
      ...[percent(byThing.precision), percent(byThing.recall)],
      ...[things.hit, things.wrong, things.missed, things.right, unseen].map(String),
      ...[standing, moving].map(({ kept, points }) => percent(kept / points)),
    );
  }
  const { things, pixels } = scores.convoy;
  return {
    lambdaAuc: Object.fromEntries(Object.entries(curves).map(([name, area]) => [name, round(area)])),
    convoyThings: precisionRecall(things),
    convoyPixels: precisionRecall(pixels),
  };
}

/** They are the same in every frame of a drive. */
function movingInstances(domain: string, seed: number): ReadonlySet<number> {
  const [first] = simulateDrive({ ...kindOf(domain, seed), domain: domainNamed(domain) });
  return first.movingInstances;
}

async function autoMaskPart(): Promise<object> {
  const runner = await ModelRunner.open((await loadModel(model)).folder, 2);
  const shares: Record<string, number> = {};
  head('drive', 'masked pixels, median of the triplets');
  const measure = async (name: string, bag: string, repeat = false) => {
    const all = await autoMaskShares({
      bag,
      model: runner,
      picture: picture(`auto-mask-${name}`),
      title: name,
      repeat,
    });
    shares[name] = round(median(all));
    row(name, percent(median(all)));
  };
  for (const domain of ['standing', 'parked']) {
    for (const seed of [FIRST_SEED, FIRST_SEED + 1]) {
      await measure(`${domain}-${seed}`, await drive(domain, seed));
    }
  }
  const standing = domainNamed('standing');
  const noiseless = { ...standing, effects: { ...standing.effects, noise: [0, 0] } } as const;
  for (const seed of [FIRST_SEED, FIRST_SEED + 1]) {
    await measure(`standing-noiseless-${seed}`, await drive('standing-noiseless', seed, noiseless));
  }
  const jam = recording('kitti_traffic_jam');
  if (jam !== undefined) {
    await measure('kitti_traffic_jam', jam);
    await measure('kitti_traffic_jam-repeated', jam, true);
  }
  await runner.close();
  return { autoMask: shares };
}

async function scalePart(): Promise<object> {
  const result: Record<string, object> = {};
  head(
    ...['drive', 'scale', 'factor: median', 'least', 'most', 'largest change of a frame', 'last frame'],
    ...['true depth / depth, median', 'spread over the frames'],
  );
  const measure = async (bag: string, modes: Readonly<Record<string, Partial<ReplayOptions>>>) => {
    const name = path.basename(bag);
    const plain = await replay(bag, '-model');
    for (const [mode, options] of Object.entries({ model: { scale: 'model' } as const, ...modes })) {
      const output = mode === 'model' ? plain : await replay(bag, `-${mode}`, options);
      const { factors, ratio, ratioSpread } = await scaleFigures(bag, output, plain);
      const changes = factors.slice(1).map((factor, i) => Math.abs(factor / factors[i] - 1));
      const change = Math.max(...changes);
      row(
        ...[name, mode, median(factors).toFixed(3), Math.min(...factors).toFixed(3)],
        ...[
          Math.max(...factors).toFixed(3),
          `${(100 * change).toFixed(1)} %`,
          (factors.at(-1) ?? 0).toFixed(3),
        ],
        ...[ratio.toFixed(3), percent(ratioSpread)],
      );
      result[`${name} ${mode}`] = {
        factor: round(median(factors)),
        ratio: round(ratio),
        change: round(change),
      };
    }
  };
  const jam = recording('kitti_traffic_jam');
  if (jam !== undefined) {
    const cameraHeight = { scale: 'camera_height', cameraHeight: 1.65 } as const;
    await measure(jam, { camera_height: cameraHeight, lidar: { scale: 'lidar' } });
  }
  for (const seed of [FIRST_SEED, FIRST_SEED + 1]) {
    const [first] = simulateDrive({ ...kindOf('parked', seed), domain: domainNamed('parked') });
    const cameraHeight = first.cameraHeightMeters;
    await measure(await withOdometry(await drive('parked', seed)), {
      camera_height: { scale: 'camera_height', cameraHeight },
      odometry: { scale: 'odometry' },
    });
  }
  return { scale: result };
}

const PARTS: Readonly<Record<string, () => Promise<object>>> = {
  moving: movingPart,
  'auto-mask': autoMaskPart,
  scale: scalePart,
};
const figures: object[] = [];
for (const name of flags.parts.split(',')) {
  const part = PARTS[name];
  if (part === undefined)
    program.error(`--parts: unknown \`${name}\`; expected ${Object.keys(PARTS).join(', ')}`);
  figures.push(await part());
}
say(`\npictures: ${path.join(flags.out, 'pictures')}`);
say(JSON.stringify(Object.assign({}, ...figures)));
