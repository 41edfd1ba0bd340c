import path from 'node:path';
import { parseArgs } from 'node:util';
import { ModelRunner } from '../models/model-runner.js';
import { Judge } from '../training/adaptation/judge/judge.js';
import { classWeightsOf, sourceSamples } from '../training/adaptation/learning/source-samples.js';
import { fillWithSimulator } from '../training/datasets/prepare/simulator-samples.js';
import { type CandidateMaking, makeCandidates, namesOf } from './judge-proof/make-candidates.js';
import { openProof, proofFlags } from './judge-proof/open-proof.js';
import { type ProofStore, proofDrive } from './judge-proof/proof-drive.js';
import { labelsDecidedAgain } from './label-proof/decided-again.js';
import { LABEL_CANDIDATES } from './label-proof/label-candidates.js';
import { type LabelProofRow, labelProofText } from './label-proof/label-proof-text.js';
import { labelQuality, labelWorth } from './label-proof/label-worth.js';
import { resizedParent } from './resized-parent.js';

/**
 * `npm run judge:proof:labels -- [--out FOLDER] [--model FOLDER] [--drives DOMAIN:SEED,...] [--frames N] [--pixels N]`: lets the
 * judge decide about candidates whose labels' true worth the simulator knows, and prints the confusion matrix. Can be stopped
 * at any time and goes on where it was; bounds that changed since are applied to the figures that are there.
 */
const { values: flags } = parseArgs({
  options: { ...proofFlags('rxdepth-label-proof', 90), pixels: { type: 'string', default: '30720' } },
});

const REHEARSED = 40;
const proof = await openProof<LabelProofRow>(flags, await resizedParent(flags.model, Number(flags.pixels)));
const { rows, threads, parent, view, domains } = proof;
const judged = await sourceSamples({ ...proof.samples, domains }, 'judged');
const pairs = Array.from({ length: judged.description.count / 2 }, (_, i) => 2 * i);

const making: CandidateMaking = {
  ...{ folder: flags.out, parent, threads, labelsAlone: true, rehearsed: rehearsedSamples },
  classWeights: classWeightsOf(judged, parent.manifest.classes.length),
};

for (const text of flags.drives.split(',').filter((each) => each !== '')) {
  const [domain = '', seed = ''] = text.split(':');
  if (LABEL_CANDIDATES.flatMap(namesOf).every((name) => isKnown(`${domain}-${seed}`, name))) continue;
  const drive = await proofDrive(
    path.join(flags.out, 'drives'),
    { domain, seed: Number(seed), frames: Number(flags.frames), ...view },
    parent,
  );
  const judge = await Judge.open({
    drive: { name: drive.name, store: drive.frames, views: [drive.view], triplets: drive.judge },
    source: { ...judged, indices: pairs },
    ...{ parent, threads, improves: ['labels'], mostTriplets: 12, mostPictures: 16 },
  });
  const before = await labelQuality(parent, drive);
  say(`${drive.name}: ${drive.judge.length} triplets, parent's mIoU ${before.meanIou.toFixed(3)}`);
  for (const candidates of LABEL_CANDIDATES) {
    const known = (name: string) => isKnown(drive.name, name);
    await makeCandidates(candidates, drive, making, known, async (name, at) => {
      const model = await ModelRunner.open(at, threads);
      const report = await judge.judge(model);
      const truth = labelWorth(await labelQuality(model, drive), before);
      await model.close();
      rows.push({ drive: drive.name, candidate: name, family: candidates.family, truth, report });
      await proof.save();
      say(
        `${name}: ${truth.worth} (mIoU ${(100 * truth.meanIou).toFixed(1)}), ${report.verdict}: ${report.reasons.join('; ')}`,
      );
    });
  }
  await judge.close();
}
process.stdout.write(
  `${labelProofText(rows.map((row) => ({ ...row, report: labelsDecidedAgain(row.report) })))}\n`,
);

function isKnown(drive: string, name: string): boolean {
  return rows.some((row) => row.drive === drive && row.candidate === name);
}

/** Of the size of the drives' pictures. */
async function rehearsedSamples(): Promise<ProofStore> {
  const [domain = ''] = domains;
  const description = { source: `simulator ${domain}`, seed: 940_000_000, ...view, count: REHEARSED };
  const store = { folder: path.join(proof.samples.folder, 'rehearsed-exact'), description };
  await fillWithSimulator({ ...store, domain, workers: threads });
  return store;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
