import path from 'node:path';
import { NO_AUGMENTATION } from '../../datasets/batches/augmentation.js';
import type { BatchOptions } from '../../datasets/batches/batch.js';
import type { BatchesOptions } from '../../datasets/batches/role-batches.js';
import { latentClassifier } from '../../networks/latent-classifier.js';
import { encode } from '../../networks/sgdepth-network.js';
import { loadWeights } from '../../perception-graph/load-weights.js';
import { RunLog } from '../../runs/run-log.js';
import { declaredParameters } from '../../weights/network-parameters.js';
import { initialParameters } from '../../weights/parameters.js';
import type { LearningContext } from '../adaptation-method.js';
import type { LearnedModel } from '../judge/contenders.js';
import { alignWeights } from './align-weights.js';
import type { AlignmentOptions } from './alignment-loss.js';
import { CandidateKeeper } from './candidate-keeper.js';
import { learningTime } from './learning-time.js';
import { pictureLearning } from './picture-learning.js';
import { pictureStore } from './picture-store.js';
import { sourceRole } from './source-role.js';
import { classWeightsOf } from './source-samples.js';

const FIGURES = ['depth', 'segmentation', 'adversarial', 'domainAccuracy'];

/**
 * DA-Monodepth on the parent's network: supervised on samples of its own domain, the drive's single pictures beside them
 * through a domain classifier that is drawn anew and not kept.
 */
export async function alignCandidates(
  context: LearningContext,
): Promise<readonly LearnedModel[] | undefined> {
  const { options, parent, drives, samples } = context;
  const { settings, threads, signal } = options;
  const trainable = await loadWeights(parent);
  const { network, range } = trainable;
  const { mean, std } = parent.manifest.input;
  const { width, height } = drives.view;
  const batch: BatchOptions = {
    ...{ batchSize: settings.sources, width, height, mean, std, ...range },
    ...{ targetStep: 2 ** network.outputScale, augmentation: settings.augmentation },
  };
  const { segmentation, adversarial } = settings.alignment;
  const method: AlignmentOptions = {
    ...{ network, ...range, classWeights: classWeightsOf(samples, network.classes) },
    weights: { segmentation, adversarial },
  };
  const classifier = declaredParameters(
    (scope, image) => void latentClassifier(scope.child('domain'), encode(scope, image, network)[4]),
  ).filter(({ name }) => name.startsWith('domain.'));
  const { state, steps, learned } = await pictureLearning(context, {
    ...{ method: 'da-monodepth', trainable },
    adversary: initialParameters(classifier, settings.seed),
  });
  const log = await RunLog.open(context.logFile, 0, { steps: FIGURES, validations: [] });
  const kept = await CandidateKeeper.create(context, learned, 'adapted (DA-Monodepth)');
  try {
    const done = await alignWeights({
      ...{ method, threads, signal, learningRate: settings.alignment.learningRate },
      ...{ snapshotAt: settings.snapshotAt, snapshotsBySteps: options.steps !== undefined },
      ...{ state, steps, timeShare: learningTime(context) },
      batches: batchesOf(context, batch),
      sizes: {
        ...{ B: settings.sources, T: settings.targets, H: height, W: width },
        ...{ h: height / batch.targetStep, w: width / batch.targetStep },
      },
      onSnapshot: (step) => kept.keep(step),
      onStep: (step, share) => {
        log.add(step);
        if (step.step % 25 !== 0) return;
        const { depth, domainAccuracy } = step.metrics;
        options.report(
          `step ${step.step} of ${steps}, ${Math.round(100 * share)} % of the budget  source depth ${depth.toFixed(4)}  ` +
            `domain told right ${(100 * domainAccuracy).toFixed(0)} %  ${step.computeMs.toFixed(0)} ms`,
        );
      },
    });
    if (signal.aborted && done.kept)
      options.report(`what was learned until step ${done.kept} is kept: the same command goes on from there`);
    return await kept.finish(done.steps, { planned: steps, kept: done.kept });
  } finally {
    await log.close();
  }
}

function batchesOf({ options, drives, samples }: LearningContext, batch: BatchOptions): BatchesOptions {
  const { settings } = options;
  const { width, height, mean, std } = batch;
  const target = pictureStore(drives, path.join(options.work.frames, 'pictures'));
  return {
    seed: settings.seed,
    roles: [
      sourceRole(samples, batch),
      {
        kind: 'pictures',
        data: { ...target, count: target.description.count },
        fill: [
          {
            ...{ batchSize: settings.targets, width, height, mean, std },
            augmentation: { ...settings.augmentation, crop: NO_AUGMENTATION.crop },
          },
        ],
        names: { image: 'targetImage' },
      },
    ],
  };
}
