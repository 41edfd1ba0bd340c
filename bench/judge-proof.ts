import path from 'node:path';
import { parseArgs } from 'node:util';
import { ModelRunner } from '../models/model-runner.js';
import { Judge } from '../training/adaptation/judge/judge.js';
import type { JudgedDrive } from '../training/adaptation/judge/judged-drive.js';
import { classWeightsOf, sourceSamples } from '../training/adaptation/learning/source-samples.js';
import { fillWithSimulator } from '../training/datasets/prepare/simulator-samples.js';
import { CANDIDATES } from './judge-proof/candidates.js';
import { decidedAgain } from './judge-proof/decided-again.js';
import { type CandidateMaking, candidateFolder, makeCandidates } from './judge-proof/make-candidates.js';
import { openProof, proofFlags } from './judge-proof/open-proof.js';
import { type ProofDrive, type ProofStore, proofDrive } from './judge-proof/proof-drive.js';
import type { ProofRow } from './judge-proof/proof-row.js';
import { proofText } from './judge-proof/proof-text.js';
import { driveErrors, trueWorth } from './judge-proof/true-worth.js';

/**
 * `npm run judge:proof -- [--out FOLDER] [--model FOLDER] [--drives DOMAIN:SEED,...] [--guards DOMAIN:SEED,...]
 * [--frames N]`: lets the judge decide about candidates whose true worth the simulator knows, and prints the confusion matrix.
 * Can be stopped at any time and goes on where it was. About candidates that another judge decided about it decides again;
 * other bounds are applied to the figures that are there. About an hour on 2 cores.
 */
const { values: flags } = parseArgs({
  options: {
    ...proofFlags('rxdepth-judge-proof', 120),
    guards: { type: 'string', default: 'town-camera:301,convoy:302' },
  },
});

const GUARD_FRAMES = 60;
const proof = await openProof<ProofRow>(flags, flags.model);
const { rows, threads, parent, view, domains } = proof;
const rehearsed = await sourceSamples({ ...proof.samples, domains }, 'rehearsed');
const judged = await sourceSamples({ ...proof.samples, domains }, 'judged');
const unseen = await unseenSamples();
/** Other drives, which stand for the real ones that a vehicle has been on before. */
const guards: ProofDrive[] = [];
for (const text of flags.guards.split(',').filter((each) => each !== ''))
  guards.push(await driveOf(text, GUARD_FRAMES));

const making: CandidateMaking = {
  ...{ folder: flags.out, parent, threads, rehearsed: sameSize },
  classWeights: classWeightsOf(rehearsed, parent.manifest.classes.length),
};

for (const text of flags.drives.split(',')) {
  const drive = await driveOf(text, Number(flags.frames));
  const evidence = await judgeOf(drive);
  const errors = await driveErrors(parent, drive);
  say(`${drive.name}: ${drive.judge.length} triplets, parent's AbsRel ${errors.scaled.toFixed(4)}`);
  for (const [at, row] of rows.entries()) {
    if (row.drive !== drive.name) continue;
    let report = decidedAgain(row.report);
    if (report === undefined) {
      const model = await ModelRunner.open(candidateFolder(flags.out, drive.name, row.candidate), threads);
      report = await evidence.judge(model);
      await model.close();
    }
    rows[at] = { ...row, report };
    await proof.save();
  }
  for (const candidates of CANDIDATES) {
    const known = (name: string) => rows.some((row) => row.drive === drive.name && row.candidate === name);
    await makeCandidates(candidates, drive, making, known, async (name, folder) => {
      const model = await ModelRunner.open(folder, threads);
      const report = await evidence.judge(model);
      const truth = await trueWorth(model, { model: parent, errors }, drive, unseen);
      await model.close();
      rows.push({ drive: drive.name, candidate: name, family: candidates.family, truth, report });
      await proof.save();
      say(
        `${name}: ${truth.worth} (AbsRel ${(-100 * truth.gain).toFixed(1)} %), ${report.verdict}: ${report.reasons.join('; ')}`,
      );
    });
  }
  await evidence.close();
}
process.stdout.write(`${proofText(rows)}\n`);

async function driveOf(text: string, frames: number): Promise<ProofDrive> {
  const [domain = '', seed = ''] = text.split(':');
  return await proofDrive(
    path.join(flags.out, 'drives'),
    { domain, seed: Number(seed), frames, ...view },
    parent,
  );
}

async function judgeOf(drive: ProofDrive): Promise<Judge> {
  return await Judge.open({
    drive: kept(drive, drive.judge),
    guards: guards.map((guard) => kept(guard, guard.triplets)),
    source: { ...judged, indices: Array.from({ length: judged.description.count }, (_, i) => i) },
    ...{ parent, threads },
  });
}

function kept({ name, frames, view: seen }: ProofDrive, triplets: ProofDrive['triplets']): JudgedDrive {
  return { name, store: frames, views: [seen], triplets };
}

/** Rehearsed samples at the size of the drives' pictures. */
async function sameSize(): Promise<ProofStore> {
  return await samplesAt(view.width, view.height, 100, 940_000_000, 'rehearsed-exact');
}

/** For the truth alone. */
async function unseenSamples(): Promise<ProofStore> {
  return await samplesAt(view.width + 32, view.height + 10, 80, 930_000_000, 'unseen');
}

async function samplesAt(
  width: number,
  height: number,
  count: number,
  seed: number,
  name: string,
): Promise<ProofStore> {
  const share = Math.floor(count / domains.length);
  const domain = domains.map((each, i) => (i < domains.length - 1 ? `${each}:${share}` : each)).join();
  const store = {
    folder: path.join(proof.samples.folder, name),
    description: { source: `simulator ${domain}`, seed, width, height, count },
  };
  await fillWithSimulator({ ...store, domain, workers: threads });
  return store;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
