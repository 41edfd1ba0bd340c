import type { BatchOptions } from '../../datasets/batches/batch.js';
import { loadWeights } from '../../perception-graph/load-weights.js';
import { RunLog } from '../../runs/run-log.js';
import { WEIGHTS_FILE } from '../../weights/weights-file.js';
import type { LearningContext } from '../adaptation-method.js';
import { poseTriplets } from '../drive/pose-triplets.js';
import type { LearnedModel } from '../judge/contenders.js';
import { adaptWeights } from './adapt-weights.js';
import { CandidateKeeper } from './candidate-keeper.js';
import { openMemory } from './drive-memory.js';
import { LearningState } from './learning-state.js';
import { learningTime } from './learning-time.js';
import { withMeasuredMetres } from './measured-metres.js';
import { ParentLogits } from './parent-logits.js';
import { plannedSteps } from './planned-steps.js';
import type { SgdepthAdaptationOptions } from './sgdepth-adaptation.js';
import { classWeightsOf } from './source-samples.js';

/** @returns the models that learning left on its way, the last one at its end; undefined when the run was stopped. */
export async function trainCandidates(
  context: LearningContext,
): Promise<readonly LearnedModel[] | undefined> {
  const { options, parent, drives, samples, domains, lessons } = context;
  const { view, views, frames, adapt } = drives;
  const { settings, threads, signal } = options;
  const trainable = await loadWeights(parent);
  const { network, range } = trainable;
  const { mean, std } = parent.manifest.input;
  const batch: BatchOptions = {
    batchSize: settings.sources + (lessons === undefined ? 0 : settings.lessons),
    ...{ width: view.width, height: view.height, mean, std, ...range },
    targetStep: 2 ** network.outputScale,
    augmentation: settings.augmentation,
  };
  const classWeights = classWeightsOf(samples, network.classes);
  const { weights, statistics } = settings;
  const method: SgdepthAdaptationOptions = {
    network,
    ...range,
    classWeights,
    weights,
    statistics,
  };
  const intrinsics = views.map((each) => each.intrinsics);
  if (lessons === undefined) options.report('finding how the camera moved');
  const { cameraHeight } = options;
  const triplets =
    lessons?.triplets ??
    withMeasuredMetres(await poseTriplets(frames, adapt, intrinsics), adapt, {
      ...{ frames, intrinsics, cameraHeight },
      report: options.report,
    });
  if (triplets.length < adapt.length) {
    const left = adapt.length - triplets.length;
    options.report(`${left} of ${adapt.length} triplets tell no motion, or one that jumps, and are left out`);
  }
  const steps = options.steps ?? plannedSteps(adapt.length, settings.targets);
  const memory = await openMemory(options.memoryFolder, view);
  const state = await LearningState.open({
    ...{ root: options.learningFolder, restart: options.restart ?? false, steps },
    parameters: trainable.parameters,
    of: {
      ...{
        method: 'sgdepth',
        parent: parent.manifest.files[WEIGHTS_FILE],
        classAdjustment: trainable.classAdjustment ?? null,
        domains,
        steps,
        triplets: adapt.map(({ target, previous, next, drive, stampNs }) => [
          ...[target, previous, next, drive],
          String(stampNs),
        ]),
        view: [view.width, view.height],
      },
      ...{ intrinsics, settings, samples: samples.description, memory: memory?.drives },
      lessons: lessons && [lessons.fingerprint, lessons.count],
      ...{ cameraHeight, meters: adapt.map(({ meters }) => meters ?? null) },
    },
  });
  const parameters = state.parameters;
  options.report(
    state.step > 0
      ? `going on from step ${state.step} of ${steps}`
      : `${steps} steps, as long as time allows`,
  );
  const timeShare = learningTime(context);
  const names = ['depth', 'segmentation', 'photometric', 'smoothness', 'keep', 'labels', 'explained'];
  const log = await RunLog.open(context.logFile, 0, { steps: names, validations: [] });
  const kept = await CandidateKeeper.create(context, { ...trainable, parameters }, 'adapted (SGDepth)');
  const eyes =
    weights.labels > 0
      ? await ParentLogits.create({
          parameters: trainable.parameters,
          sizes: { count: settings.targets, width: view.width, height: view.height },
          ...{ network, mean, std, threads },
        })
      : undefined;
  try {
    const learned = await adaptWeights({
      ...{ parent: eyes, state, method, threads, signal, steps, timeShare, layers: settings.layers },
      ...{ learningRate: settings.learningRate, refreshAt: settings.refreshAt },
      batches: {
        ...{ frames, triplets, intrinsics, targets: settings.targets, batch, seed: settings.seed },
        restyledShare: settings.restyledShare,
        sourceAugmentation: settings.sourceAugmentation,
        targetAugmentation: settings.targetAugmentation,
        source: { ...samples, first: 0 },
        memory,
        lessons: lessons && {
          ...{ folder: lessons.folder, description: lessons.description, count: lessons.count },
          each: settings.lessons,
        },
      },
      ...{ snapshotAt: settings.snapshotAt, snapshotsBySteps: options.steps !== undefined },
      onSnapshot: (step) => kept.keep(step),
      onStep: (step, share) => {
        log.add(step);
        if (step.step % 25 !== 0) return;
        const { photometric, depth } = step.metrics;
        options.report(
          `step ${step.step} of ${steps}, ${Math.round(100 * share)} % of the budget  photometric ${photometric.toFixed(4)}  ` +
            `source depth ${depth.toFixed(4)}  ${step.computeMs.toFixed(0)} ms`,
        );
      },
    });
    if (signal.aborted && learned.kept)
      options.report(
        `what was learned until step ${learned.kept} is kept: the same command goes on from there`,
      );
    return await kept.finish(learned.steps, { planned: steps, kept: learned.kept });
  } finally {
    await eyes?.close();
    await log.close();
  }
}
