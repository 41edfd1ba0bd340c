import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ModelRunner } from '../models/model-runner.js';
import { shippedModel } from '../models/model-store.js';
import { VersionStore } from '../models/versions/version-store.js';
import { makeFolder } from '../msgs/files/make-folder.js';
import { ADAPTATION_SETTINGS } from '../training/adaptation/adaptation-settings.js';
import { runAdaptation } from '../training/adaptation/run-adaptation.js';
import { CAMERA_SIZE, type DriveKind, driveQuality, testDrive } from './adaptation/drive-quality.js';
import { recordedDrive } from './adaptation/recorded-drive.js';

/**
 * `npm run bench:sequence -- [--model FOLDER] [--drives DOMAIN:SEED,...] [--minutes 3] [--steps N] [--out FOLDER]`: adapts to
 * several drives one after another, each from what was promoted before, and measures after each of them on the parts of
 * all drives that nobody learns from: what is learned late must not cost what was learned early.
 */
const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: path.join(os.tmpdir(), 'rxdepth-drive-sequence') },
    model: { type: 'string', default: shippedModel() },
    drives: { type: 'string', default: 'town-camera:1101,convoy:1102,wide:1103,town-camera:1104' },
    frames: { type: 'string', default: '240' },
    minutes: { type: 'string', default: '3' },
    steps: { type: 'string' },
    samples: { type: 'string', default: String(ADAPTATION_SETTINGS.samples.rehearsed) },
    threads: { type: 'string', default: String(os.availableParallelism()) },
  },
});
const threads = Number(flags.threads);
const frames = Number(flags.frames);
/** Where the judged part begins; every fifth frame from there on is measured. */
const KEPT_ASIDE = 0.65;
const EVERY = 5;

const kinds = flags.drives.split(',').map((text): DriveKind => {
  const [domain = '', seed = ''] = text.split(':');
  return { domain, seed: Number(seed), frames, frameRate: 10, ...CAMERA_SIZE };
});
await makeFolder(flags.out);
// A new one each time: nothing that is there is deleted.
const home = await mkdtemp(path.join(flags.out, 'home-'));
const store = new VersionStore({ home, shipped: flags.model });
const matrix: number[][] = [await measureAll()];
const verdicts: string[] = [];
for (const kind of kinds) {
  const { steps, minutes } = flags;
  const result = await runAdaptation(
    {
      ...{ bags: [await recordedDrive(path.join(flags.out, 'bags'), kind)], names: {}, model: undefined },
      ...{
        judgeOnly: false,
        promote: true,
        out: undefined,
        minutes: Number(minutes),
        mostFrames: frames,
        threads,
      },
      steps: steps === undefined ? undefined : Number(steps),
      settings: {
        ...ADAPTATION_SETTINGS,
        samples: { ...ADAPTATION_SETTINGS.samples, rehearsed: Number(flags.samples) },
      },
      command: 'bench:sequence',
      signal: new AbortController().signal,
      report: say,
    },
    store,
  );
  say(`${kind.domain}-${kind.seed}: ${result.text}`);
  verdicts.push(result.outcome);
  matrix.push(await measureAll());
}
const names = kinds.map(({ domain, seed }) => `${domain}-${seed}`);
const rows = matrix.map(
  (row, i) =>
    `| ${i === 0 ? 'before' : `${names[i - 1]} (${verdicts[i - 1]})`} | ${row.map((value) => value.toFixed(4)).join(' | ')} |`,
);
// How much worse a drive is at the end than right after it was learned.
const forgotten = names.map((_, j) => (matrix[names.length]?.[j] ?? 0) / (matrix[j + 1]?.[j] ?? 0) - 1);
process.stdout.write(
  [
    `| AbsRel, median-scaled, after / on | ${names.join(' | ')} |`,
    `| --- |${' --- |'.repeat(names.length)}`,
    ...rows,
    '',
    JSON.stringify({ drives: names, verdicts, matrix, mostForgotten: Math.max(...forgotten) }),
    '',
  ].join('\n'),
);

async function measureAll(): Promise<number[]> {
  const model = await ModelRunner.open(await store.currentFolder(), threads);
  const found: number[] = [];
  for (const kind of kinds) {
    const aside = Math.ceil(KEPT_ASIDE * frames);
    const indices = Array.from({ length: frames }, (_, i) => i).filter((i) => i >= aside && i % EVERY === 0);
    const drive = testDrive(path.join(flags.out, 'drives'), kind);
    found.push((await driveQuality(model, drive, indices)).medianScaled);
  }
  await model.close();
  return found;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
