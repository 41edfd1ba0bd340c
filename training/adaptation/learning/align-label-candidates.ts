import path from 'node:path';
import { NO_AUGMENTATION } from '../../datasets/batches/augmentation.js';
import type { BatchOptions } from '../../datasets/batches/batch.js';
import type { BatchesOptions } from '../../datasets/batches/role-batches.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import { loadWeights } from '../../perception-graph/load-weights.js';
import { RunLog } from '../../runs/run-log.js';
import { Random } from '../../simulator/random.js';
import { declaredParameters } from '../../weights/network-parameters.js';
import { initialParameters } from '../../weights/parameters.js';
import type { LearningContext } from '../adaptation-method.js';
import type { LearnedModel } from '../judge/contenders.js';
import { alignLabelWeights, LABEL_OPTIMIZERS } from './align-label-weights.js';
import { CandidateKeeper } from './candidate-keeper.js';
import { declareLabelDiscriminator, type LabelAlignmentOptions } from './label-alignment-loss.js';
import { learningTime } from './learning-time.js';
import { ParentLogits } from './parent-logits.js';
import { pictureLearning } from './picture-learning.js';
import { pictureStore } from './picture-store.js';
import { restyled } from './restyle.js';
import { sourceRole } from './source-role.js';
import { classWeightsOf } from './source-samples.js';
import { VIEW_SIDES } from './viewed-labels.js';

const FIGURES = [
  ...['segmentation', 'views', 'adversarial', 'surprisal'],
  ...['discriminatorSource', 'discriminatorTarget'],
] as const;

/**
 * DADA on the parent's labels' head, supervised on samples of the parent's own domain. The drive's single pictures come
 * beside them through a discriminator of surprisal times inverse depth. It is drawn anew and not kept.
 */
export async function alignLabelCandidates(
  context: LearningContext,
): Promise<readonly LearnedModel[] | undefined> {
  const { options, parent, drives, samples } = context;
  const { settings, threads, signal } = options;
  const { segmentation, views, adversarial, ...rates } = settings.labels;
  const trainable = await loadWeights(parent);
  const { network, range } = trainable;
  const { mean, std } = parent.manifest.input;
  const { width, height } = drives.view;
  const batch: BatchOptions = {
    ...{ batchSize: settings.sources, width, height, mean, std, ...range },
    ...{ targetStep: 2 ** network.outputScale, augmentation: settings.augmentation },
  };
  const method: LabelAlignmentOptions = {
    ...{ network, ...range, classWeights: classWeightsOf(samples, network.classes) },
    weights: { segmentation, views, adversarial },
  };
  const discriminator = declaredParameters((scope) => declareLabelDiscriminator(scope, network));
  const { state, steps, learned } = await pictureLearning(context, {
    ...{ method: 'dada', trainable, optimizers: LABEL_OPTIMIZERS },
    adversary: initialParameters(discriminator, settings.seed),
  });
  const log = await RunLog.open(context.logFile, 0, { steps: [...FIGURES], validations: [] });
  const kept = await CandidateKeeper.create(context, learned, 'adapted (DADA)');
  options.report('bringing source samples into the look of the drive');
  const batches = await batchesOf(context, batch);
  const eyes = await ParentLogits.create({
    parameters: trainable.parameters,
    sizes: { count: settings.targets, width, height },
    // Batches have pictures as the network sees them.
    ...{ network, mean: [0, 0, 0], std: [1, 1, 1], views: VIEW_SIDES, threads },
  });
  try {
    const done = await alignLabelWeights({
      ...{ method, parent: eyes, threads, signal, rates, batches },
      ...{ snapshotAt: settings.snapshotAt, snapshotsBySteps: options.steps !== undefined },
      ...{ state, steps, timeShare: learningTime(context) },
      sizes: {
        ...{ B: settings.sources, T: settings.targets, H: height, W: width, C: network.classes },
        ...{ h: height / batch.targetStep, w: width / batch.targetStep },
      },
      onSnapshot: (step) => kept.keep(step),
      onStep: (step, share) => {
        log.add(step);
        if (step.step % 25 !== 0) return;
        const { segmentation, discriminatorSource, discriminatorTarget } = step.metrics;
        options.report(
          `step ${step.step} of ${steps}, ${Math.round(100 * share)} % of the budget  source classes ${segmentation.toFixed(4)}  ` +
            `discriminator ${(discriminatorSource + discriminatorTarget).toFixed(3)}  ${step.computeMs.toFixed(0)} ms`,
        );
      },
    });
    if (signal.aborted && done.kept)
      options.report(`what was learned until step ${done.kept} is kept: the same command goes on from there`);
    return await kept.finish(done.steps, { planned: steps, kept: done.kept });
  } finally {
    await eyes.close();
    await log.close();
  }
}

async function batchesOf(context: LearningContext, batch: BatchOptions): Promise<BatchesOptions> {
  const { settings, work } = context.options;
  const { width, height, mean, std } = batch;
  const source = await sourceOf(context, path.join(work.frames, 'source'));
  const target = pictureStore(context.drives, path.join(work.frames, 'pictures'));
  return {
    seed: settings.seed,
    roles: [
      sourceRole(source, batch),
      {
        kind: 'pictures',
        data: { ...target, count: target.description.count },
        fill: [
          {
            ...{ batchSize: settings.targets, width, height, mean, std },
            // Their own colours: the parent has to see them, and so has who compares the domains.
            augmentation: { ...NO_AUGMENTATION, flip: true },
          },
        ],
        names: { image: 'targetImage' },
      },
    ],
  };
}

interface Store {
  readonly folder: string;
  readonly description: StoreDescription;
}

/** The source's samples, a share of them in the look of pictures that are learned from. */
async function sourceOf({ options, drives, samples }: LearningContext, folder: string): Promise<Store> {
  const { settings } = options;
  const { source, ...size } = samples.description;
  const description = { ...size, source: `restyled ${source}` };
  const looks = SampleStore.open(drives.frames.folder, drives.frames.description);
  const from = SampleStore.open(samples.folder, samples.description);
  const to = SampleStore.open(folder, description);
  const { adapt } = drives.pictures;
  try {
    for (let i = 0; i < description.count; i++) {
      const random = new Random(settings.seed + 5, i);
      const sample = from.read(i);
      const look = adapt[random.integer(0, adapt.length - 1)];
      const isRestyled = random.chance(settings.restyledShare);
      to.write(i, isRestyled ? { ...sample, rgb: restyled(sample, looks.read(look.index), random) } : sample);
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    for (const store of [looks, from, to]) store.close();
  }
  return { folder, description };
}
