import path from 'node:path';
import { STRONG_AUGMENTATION } from '../../training/datasets/batches/augmentation.js';
import {
  type BatchOptions,
  LABELLED_FIELDS,
  LABELLED_NAMES,
  sizesOf,
} from '../../training/datasets/batches/batch.js';
import type { BatchArrays } from '../../training/datasets/batches/batch-schema.js';
import { loadBatches } from '../../training/datasets/batches/load-batches.js';
import type { Sample } from '../../training/datasets/stores/sample.js';
import { SampleStore } from '../../training/datasets/stores/sample-store.js';
import { supervisedLoss } from '../../training/methods/supervised/supervised-loss.js';
import { Adam } from '../../training/optimizers/adam.js';
import type { TrainableModel } from '../../training/perception-graph/load-weights.js';
import { compileUpdate } from '../../training/runs/compiled-update.js';
import { train } from '../../training/runs/trainer.js';
import type { ProofStore } from './proof-drive.js';

export interface FineTune {
  readonly name: string;
  readonly folder: string;
  /** Changed in place. */
  readonly model: TrainableModel;
  /** What is learned from, and how it is changed before. */
  readonly samples: readonly { readonly store: ProofStore; readonly indices: readonly number[] }[];
  readonly change?: (sample: Sample) => Sample;
  readonly classWeights: readonly number[];
  readonly normalisation: Pick<BatchOptions, 'mean' | 'std'>;
  readonly learningRate: number;
  readonly steps: number;
  readonly threads: number;
  /** Whether the classes' head learns alone, so that depth stays as it is; default false. */
  readonly labelsAlone?: boolean;
}

/** Supervised training on a few samples: how candidates are made whose worth is known. */
export async function fineTune(options: FineTune): Promise<void> {
  const { model, threads, learningRate, steps } = options;
  const samples = collect(options);
  const { width, height } = samples.description;
  const batch: BatchOptions = {
    ...{ batchSize: 4, width, height, targetStep: 2 ** model.network.outputScale, ...model.range },
    ...options.normalisation,
    augmentation: { ...STRONG_AUGMENTATION, crop: [0.85, 1] },
  };
  const supervised = {
    ...{ network: model.network, classWeights: options.classWeights, segmentationWeight: 0.1 },
    ...{ minMeters: model.range.minMeters, maxMeters: model.range.maxMeters },
  };
  const step = await compileUpdate({
    parameters: model.parameters,
    update: {
      name: 'all',
      trains: options.labelsAlone === true ? ['segmentation'] : ['encoder', 'depth', 'segmentation'],
      loss: (scope, given) => supervisedLoss(scope, given, supervised),
    },
    ...{ schema: LABELLED_FIELDS, sizes: sizesOf(batch), threads },
    batchStatistics: options.labelsAlone !== true,
  });
  const data = { ...samples, count: samples.description.count };
  const loader = loadBatches(
    { roles: [{ kind: 'labelled', data, fill: [batch], names: LABELLED_NAMES }], seed: 1 },
    0,
  );
  try {
    await train<BatchArrays>({
      parameters: model.parameters,
      firstStep: 0,
      lastStep: steps,
      nextBatch: (at) => loader.next(at),
      recycle: (at, used) => loader.recycle(at, used),
      updates: [
        {
          compute: (_, given) => step.step(given),
          optimizer: new Adam({ clipNorm: 5 }),
          learningRate: (at) => learningRate * Math.min(1, (at + 1) / 10),
        },
      ],
      statisticsMomentum: options.labelsAlone === true ? 0 : 0.05,
      onStep: () => new Promise((resolve) => setImmediate(resolve)),
    });
  } finally {
    await loader.close();
    await step.release();
  }
}

/** All samples in one store. */
function collect({ name, folder, samples, change = (sample) => sample }: FineTune): ProofStore {
  const [first] = samples;
  const count = samples.reduce((sum, { indices }) => sum + indices.length, 0);
  const { width, height } = first.store.description;
  const description = { source: name, seed: 0, width, height, count };
  const collected = { folder: path.join(folder, `${name}-samples`), description };
  const to = SampleStore.open(collected.folder, description);
  let at = 0;
  for (const { store, indices } of samples) {
    const from = SampleStore.open(store.folder, store.description);
    for (const index of indices) {
      const sample = from.read(index);
      // Only what is learned from the drive is changed; the first store holds it.
      to.write(at++, store === first.store ? change(sample) : sample);
    }
    from.close();
  }
  to.close();
  return collected;
}
