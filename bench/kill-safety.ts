import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { shippedModel } from '../models/model-store.js';
import { TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from '../test/training/adaptation/tiny-model.js';
import { domainNamed } from '../training/simulator/domains.js';
import { simulateDrive } from '../training/simulator/drive.js';
import { DriveRecorder } from '../training/simulator/drive-recorder.js';
import { type KillReport, killAtRandomMoments } from './kill-safety/kill-moments.js';

/**
 * `npm run bench:kill -- [MOMENTS] [SEED] [PARTS]`: kill -9 in the midst of promotions, choices and rollbacks (`store`), of
 * adaptations from the first look at the drive to the promotion (`adapt`), and of hot swaps (`swap`): two, two and one
 * fifth of the moments. The last line is one JSON object.
 */
const [moments = '50', seed = '1', parts = 'store,adapt,swap'] = process.argv.slice(2);
const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-kill-'));
const tiny = path.join(root, 'tiny');
const drive = path.join(root, 'drive');
const share = (fifths: number) => Math.round((Number(moments) * fifths) / 5);
const common = { seed: Number(seed) };

/** What adaptations leave on purpose: their latest work folders, and samples that the next one uses. */
const ADAPTATION_FOLDERS = ['.adaptations', '.adapting', '.samples', '.drives'];

async function prepare(): Promise<void> {
  await writeTinyModel(tiny);
  const recorder = await DriveRecorder.create(drive, { overwrite: false, startNs: 1_000_000_000n });
  const size = { width: TINY_WIDTH, height: TINY_HEIGHT };
  const domain = domainNamed('town-camera');
  for (const frame of simulateDrive({ domain, seed: 101, frames: 50, frameRate: 10, ...size })) {
    await recorder.write(frame);
  }
  await recorder.close();
}

async function storePart(): Promise<KillReport> {
  const [home, shipped] = [path.join(root, 'store'), shippedModel()];
  return await killAtRandomMoments({
    ...{ ...common, home, shipped, moments: share(2), longestMs: 400 },
    ...{ script: './change-versions.js', args: [home, shipped] },
  });
}

/** Afterwards one run is left to its end: it has to clean up what the killed ones left. */
async function adaptPart(): Promise<KillReport> {
  const home = path.join(root, 'adapt');
  const args = [home, tiny, drive];
  const script = fileURLToPath(new URL('./kill-safety/adapt-tiny.js', import.meta.url));
  const run = () => promisify(execFile)(process.execPath, [script, ...args, 'once'], { maxBuffer: 1 << 26 });
  const beganMs = performance.now();
  await run();
  const longestMs = performance.now() - beganMs;
  const report = await killAtRandomMoments({
    ...{ ...common, home, shipped: tiny, moments: share(2), longestMs, kept: ADAPTATION_FOLDERS },
    ...{ script: './adapt-tiny.js', args },
  });
  await run();
  const works = await readdir(path.join(home, '.adaptations'));
  const left = [
    ...works.filter((work) => existsSync(path.join(home, '.adaptations', work, 'frames'))),
    ...(existsSync(path.join(home, '.adapting')) ? ['.adapting'] : []),
    ...(works.length > 8 ? [`${works.length} work folders`] : []),
  ];
  return {
    ...report,
    failures: [...report.failures, ...left.map((name) => `left after the next run: ${name}`)],
  };
}

async function swapPart(): Promise<KillReport> {
  const home = path.join(root, 'swap');
  return await killAtRandomMoments({
    ...{ ...common, home, shipped: tiny, moments: share(1), longestMs: 4000 },
    ...{ script: './swap-versions.js', args: [home, tiny] },
  });
}

const PARTS: Readonly<Record<string, () => Promise<KillReport>>> = {
  store: storePart,
  adapt: adaptPart,
  swap: swapPart,
};
try {
  await prepare();
  const reports: KillReport[] = [];
  for (const part of parts.split(',')) {
    const measure = PARTS[part];
    if (measure === undefined)
      throw new Error(`expected parts of \`${Object.keys(PARTS).join()}\`, got ${part}`);
    reports.push(await measure());
  }
  let [kills, loaded] = [0, 0];
  const failures = reports.flatMap((report) => report.failures);
  for (const report of reports) {
    loaded += report.loaded;
    for (const [doing, count] of Object.entries(report.during)) {
      kills += count;
      process.stdout.write(`killed during ${doing}: ${count}\n`);
    }
  }
  process.stdout.write(`versions that loaded afterwards: ${loaded}\n`);
  for (const failure of failures) process.stdout.write(`FAILURE ${failure}\n`);
  process.stdout.write(`${JSON.stringify({ moments: kills, failures: failures.length })}\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  await rm(root, { recursive: true, force: true });
}
