import type { ModelRunner } from '../../models/model-runner.js';
import { judgeSource } from '../../training/adaptation/judge/judge-source.js';
import { SampleStore } from '../../training/datasets/stores/sample-store.js';
import { sparseFromDense } from '../../training/datasets/stores/sparse-depth.js';
import { depthMetrics } from '../../training/evaluation/metrics/depth-metrics.js';
import type { ProofDrive, ProofStore } from './proof-drive.js';

/** What the simulator knows and the judge does not. Gains and losses are relative to the parent; losses above 0 are bad. */
export interface TrueWorth {
  /** Of AbsRel on the judged part, scaled by the median of each picture, and without. */
  readonly gain: number;
  readonly gainUnscaled: number;
  /** Share of the pixels on moving objects that are more than twice as far as they should be, beyond the parent's share. */
  readonly movingHoles: number;
  /** Of the mean AbsRel on samples that neither the trainer nor the judge ever sees. */
  readonly sourceLoss: number;
  readonly meanIouLoss: number;
  readonly worth: 'good' | 'indifferent' | 'bad';
}

/** A candidate is good when AbsRel falls by at least this. */
export const GOOD_GAIN = 0.03;
/** It is bad when AbsRel does not fall, or when it is worse in another way by more than these. */
export const BAD = { gainUnscaled: -0.03, movingHoles: 0.05, sourceLoss: 0.04, meanIouLoss: 0.03 } as const;

interface DriveErrors {
  readonly scaled: number;
  readonly plain: number;
  readonly holes: number;
}

/** Of a model on the judged part of a drive. */
export async function driveErrors(
  model: ModelRunner,
  { truth, judgeFrames, moving, view }: ProofDrive,
): Promise<DriveErrors> {
  const store = SampleStore.open(truth.folder, truth.description);
  let [scaled, plain, frames, holes, pixels] = [0, 0, 0, 0, 0];
  for (const index of judgeFrames) {
    const sample = store.read(index);
    const { depth } = await model.run(sample, view.intrinsics);
    const sparse = sparseFromDense(sample.depthMeters, sample.height, sample.width);
    const withScale = depthMetrics(sparse, depth, { crop: 'none' });
    const without = depthMetrics(sparse, depth, { crop: 'none', medianScaling: false });
    if (withScale === undefined || without === undefined) continue;
    frames++;
    scaled += withScale.absRel;
    plain += without.absRel;
    const ratio = Number.isFinite(withScale.ratio) ? withScale.ratio : 1;
    const flags = moving.get(index) ?? new Uint8Array();
    for (let i = 0; i < flags.length; i++) {
      if (flags[i] === 0) continue;
      pixels++;
      if (!(depth[i] * ratio <= 2 * sample.depthMeters[i])) holes++;
    }
  }
  store.close();
  return { scaled: scaled / frames, plain: plain / frames, holes: pixels === 0 ? 0 : holes / pixels };
}

export async function trueWorth(
  candidate: ModelRunner,
  parent: { readonly model: ModelRunner; readonly errors: DriveErrors },
  drive: ProofDrive,
  source: ProofStore,
): Promise<TrueWorth> {
  const errors = await driveErrors(candidate, drive);
  const indices = Array.from({ length: source.description.count }, (_, i) => i);
  const kept = await judgeSource(source, { indices, parent: parent.model, candidate });
  const figures = {
    gain: 1 - errors.scaled / parent.errors.scaled,
    gainUnscaled: 1 - errors.plain / parent.errors.plain,
    movingHoles: errors.holes - parent.errors.holes,
    sourceLoss: kept.candidate.absRel / kept.parent.absRel - 1,
    meanIouLoss: kept.meanIouLoss.mean,
  };
  const bad = !(
    figures.gain > 0 &&
    figures.gainUnscaled >= BAD.gainUnscaled &&
    figures.movingHoles <= BAD.movingHoles &&
    figures.sourceLoss <= BAD.sourceLoss &&
    figures.meanIouLoss <= BAD.meanIouLoss
  );
  return { ...figures, worth: bad ? 'bad' : figures.gain >= GOOD_GAIN ? 'good' : 'indifferent' };
}
