import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ModelRunner } from '../models/model-runner.js';
import { shippedModel } from '../models/model-store.js';
import { VersionStore } from '../models/versions/version-store.js';
import { makeFolder } from '../msgs/files/make-folder.js';
import { ADAPTATION_SETTINGS } from '../training/adaptation/adaptation-settings.js';
import { runAdaptation } from '../training/adaptation/run-adaptation.js';
import { domainNamed } from '../training/simulator/domains.js';
import { simulateDrive } from '../training/simulator/drive.js';
import { type DriveQuality, driveQuality, testDrive } from './adaptation/drive-quality.js';
import { recordedDrive } from './adaptation/recorded-drive.js';
import { resizedParent } from './resized-parent.js';
import { rowsWith, storedResults } from './stored-results.js';
import { teacherNamed } from './teaching/simulated-teachers.js';
import { type TeachingRow, teachingText } from './teaching/teaching-row.js';

/**
 * `npm run bench:teaching -- [--model FOLDER] [--pixels 20480] [--steps 60] [--frames 120] [--teachers NAME,...]
 * [--no-learn] [--out FOLDER]`: the model, resized to so few pixels that this takes minutes, adapted to a simulated drive with teachers
 * that know the truth, spoil it, or are the model itself; judged as always, and measured by the truth of other drives of the
 * same domain. With `--no-learn` the teachers are only compared with the drive. Can be stopped at any time and goes on where it was;
 * other options need another folder.
 */
const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: path.join(os.tmpdir(), 'rxdepth-teaching') },
    model: { type: 'string', default: shippedModel() },
    domain: { type: 'string', default: 'town-camera' },
    pixels: { type: 'string', default: '20480' },
    steps: { type: 'string', default: '60' },
    frames: { type: 'string', default: '120' },
    teachers: { type: 'string', default: 'none,truth,self,self@2,swapped,squashed,movers-far' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    'no-learn': { type: 'boolean', default: false },
  },
});
const { out, domain } = flags;
const threads = Number(flags.threads);
const frameRate = 10;
const camera = { width: 512, height: 160 };
const seed = 1101;
const unseen = [2001, 2002, 2003];

await makeFolder(out);
const stored = await storedResults<TeachingRow[]>(
  path.join(out, 'results.json'),
  [],
  rowsWith('teacher', 'outcome', 'absRel'),
);
const parent = await resizedParent(flags.model, Number(flags.pixels));
const kind = { domain, seed, frames: Number(flags.frames), frameRate, ...camera };
const bag = await recordedDrive(path.join(out, 'bags'), kind);
const frames = [...simulateDrive({ ...kind, domain: domainNamed(domain) })];
const before = await measured(parent);
for (const name of flags.teachers.split(',')) {
  if (!stored.results.some((row) => row.teacher === name)) {
    stored.results.push(await adapted(name));
    await stored.save();
  }
}
process.stdout.write(`${teachingText(before, stored.results)}\n`);

async function adapted(name: string): Promise<TeachingRow> {
  const lines: string[] = [];
  const teacher = teacherNamed(name, frames);
  const stop = new AbortController();
  const options = {
    ...{ bags: [bag], names: {}, model: undefined, judgeOnly: false, promote: false, lidar: false as const },
    ...{ out: path.join(out, 'runs', name), overwrite: true, minutes: 600, steps: Number(flags.steps) },
    ...{ mostFrames: kind.frames, command: 'bench:teaching', threads, settings: ADAPTATION_SETTINGS },
    ...(teacher && { teachers: [teacher] }),
    signal: stop.signal,
    report: (line: string) => {
      lines.push(line);
      if (flags['no-learn'] && line.startsWith('lessons: ')) stop.abort();
      process.stderr.write(`${name}: ${line}\n`);
    },
  };
  const store = new VersionStore({ home: path.join(out, 'home'), shipped: parent });
  const found = (begin: string) => lines.find((line) => line.startsWith(begin))?.slice(begin.length) ?? '';
  try {
    const result = await runAdaptation(options, store);
    const folder = stop.signal.aborted ? parent : path.join(result.folder ?? '', 'candidate');
    return {
      ...{ teacher: name, outcome: result.outcome, reasons: result.reasons, lessons: found('lessons: ') },
      absRel: await measured(folder),
    };
  } catch (error) {
    // What has nothing to teach is told so; the model stays as it is.
    const reason = error instanceof Error ? error.message : String(error);
    return { teacher: name, outcome: 'error', reasons: [reason], lessons: '', absRel: before };
  }
}

/** Mean over drives that nobody saw. */
async function measured(folder: string): Promise<DriveQuality> {
  const model = await ModelRunner.open(folder, threads);
  const all: DriveQuality[] = [];
  for (const other of unseen) {
    const drive = { domain, seed: other, frames: 20, frameRate: 2, ...camera };
    all.push(await driveQuality(model, testDrive(path.join(out, 'drives'), drive)));
  }
  await model.close();
  const mean = (of: (quality: DriveQuality) => number) =>
    all.reduce((sum, quality) => sum + of(quality), 0) / all.length;
  return { medianScaled: mean((each) => each.medianScaled), unscaled: mean((each) => each.unscaled) };
}
