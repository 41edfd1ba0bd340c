import path from 'node:path';
import type { ModelRunner } from '../../models/model-runner.js';
import { sgdepthPerception } from '../../training/networks/sgdepth-perception.js';
import { exportModel } from '../../training/perception-graph/export-model.js';
import { loadWeights } from '../../training/perception-graph/load-weights.js';
import type { Candidates } from './candidates.js';
import { type FineTune, fineTune } from './fine-tune.js';
import type { ProofDrive, ProofStore } from './proof-drive.js';
import { setBetween, valuesOf } from './weights-between.js';

export interface CandidateMaking extends Pick<FineTune, 'threads' | 'labelsAlone'> {
  /** Of the proof; candidates lie in `candidates/`, what they are trained on in `training/`. */
  readonly folder: string;
  readonly parent: ModelRunner;
  readonly classWeights: readonly number[];
  /** Samples of the parent's own domains, at the size of the drive's pictures. */
  rehearsed(): Promise<ProofStore>;
}

/** Where a candidate is. */
export function candidateFolder(proof: string, drive: string, candidate: string): string {
  return path.join(proof, 'candidates', `${drive}-${candidate}`);
}

/** Makes those candidates that are not known yet. @param done is told each as it is there. */
export async function makeCandidates(
  candidates: Candidates,
  drive: Pick<ProofDrive, 'name' | 'truth' | 'adaptFrames'>,
  making: CandidateMaking,
  known: (name: string) => boolean,
  done: (name: string, folder: string) => Promise<void>,
): Promise<void> {
  if (namesOf(candidates).every(known)) return;
  const { folder: proof, parent, classWeights, threads, labelsAlone } = making;
  const model = await loadWeights(parent);
  const write = async (name: string) => {
    if (known(name)) return;
    const folder = candidateFolder(proof, drive.name, name);
    const { license, input, depth, provenance } = parent.manifest;
    await exportModel({
      ...{ folder, overwrite: true, parameters: model.parameters, precision: 'F32' },
      network: sgdepthPerception(model.network, model.range),
      description: {
        ...{ name: 'candidate', version: 1, license, input, depth, provenance },
        classAdjustment: model.classAdjustment,
      },
    });
    await done(name, folder);
  };
  if (candidates.kind === 'spoiled') {
    candidates.spoil(model);
    return await write(candidates.name);
  }
  const { name, frames, rehearse, change, learningRate, steps } = candidates;
  const { adaptFrames } = drive;
  const some = adaptFrames.filter((_, i) => i % Math.ceil(adaptFrames.length / 4) === 0);
  const before = valuesOf(model.parameters);
  await fineTune({
    ...{ name: `${drive.name}-${name}`, folder: path.join(proof, 'training'), model, threads, labelsAlone },
    ...{ learningRate, steps, classWeights, normalisation: parent.manifest.input },
    samples: [
      { store: drive.truth, indices: frames === 'all' ? adaptFrames : some },
      ...(rehearse ? [wholeStore(await making.rehearsed())] : []),
    ],
    ...(change && { change }),
  });
  const after = valuesOf(model.parameters);
  for (const share of candidates.shares) {
    setBetween(model.parameters, before, after, share);
    await write(`${name}-${share}`);
  }
}

/** What a family's candidates are called. */
export function namesOf(candidates: Candidates): readonly string[] {
  const { name } = candidates;
  return candidates.kind === 'spoiled' ? [name] : candidates.shares.map((share) => `${name}-${share}`);
}

function wholeStore(store: ProofStore): FineTune['samples'][number] {
  return { store, indices: [...Array(store.description.count).keys()] };
}
