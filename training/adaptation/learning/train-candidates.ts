import path from 'node:path';
import { disparityRange } from '../../../models/manifest.js';
import type { ModelRunner } from '../../../models/model-runner.js';
import { makeFolder } from '../../../msgs/files/make-folder.js';
import type { BatchOptions } from '../../datasets/batches/batch.js';
import { TrainingError } from '../../errors.js';
import { sgdepthPerception } from '../../networks/sgdepth-perception.js';
import { exportModel } from '../../perception-graph/export-model.js';
import { loadWeights } from '../../perception-graph/load-weights.js';
import { RunLog } from '../../runs/run-log.js';
import { type AdaptDrivesOptions, judgingSeconds } from '../adapt-drives-options.js';
import { poseTriplets } from '../drive/pose-triplets.js';
import type { Drives } from '../drive/survey-drives.js';
import type { LearnedModel } from '../judge/contenders.js';
import { adaptWeights } from './adapt-weights.js';
import { openMemory } from './drive-memory.js';
import type { SgdepthAdaptationOptions } from './sgdepth-adaptation.js';
import { classWeightsOf, type sourceSamples } from './source-samples.js';

/** @returns the models that learning left on its way, the last one at its end; undefined when the run was stopped. */
export async function trainCandidates(
  options: AdaptDrivesOptions,
  parent: ModelRunner,
  { view, views, frames, adapt }: Drives,
  samples: Awaited<ReturnType<typeof sourceSamples>>,
  domains: readonly string[],
  elapsed: () => number,
): Promise<readonly LearnedModel[] | undefined> {
  const { work, settings, threads, signal } = options;
  const { manifest } = parent;
  const { network, parameters, precision, range } = await loadWeights(parent);
  const { mean, std } = manifest.input;
  const batch: BatchOptions = {
    ...{ batchSize: settings.sources, width: view.width, height: view.height, mean, std, ...range },
    targetStep: 2 ** network.outputScale,
    augmentation: settings.augmentation,
  };
  const classWeights = classWeightsOf(samples, network.classes);
  const { weights, statistics } = settings;
  const method: SgdepthAdaptationOptions = { network, ...range, classWeights, weights, statistics };
  const intrinsics = views.map((each) => each.intrinsics);
  options.report('finding how the camera moved');
  const triplets = await poseTriplets(frames, adapt, intrinsics);
  const seconds = 60 * options.minutes;
  const left = seconds - elapsed() - judgingSeconds(options.minutes);
  if (!(left > 0)) {
    throw new TrainingError(
      `--minutes: looking through the drives took ${Math.round(elapsed())} s, nothing is left to learn in; ` +
        `expected more than \`${options.minutes}\`, or fewer --frames.`,
    );
  }
  const names = ['depth', 'segmentation', 'photometric', 'smoothness', 'keep', 'explained'];
  const log = await RunLog.open(path.join(work.folder, 'log.csv'), 0, { steps: names, validations: [] });
  const trainedFrom = elapsed();
  const learned: LearnedModel[] = [];
  const keep = async (steps: number): Promise<void> => {
    const folder = path.join(work.checkpoints, String(steps).padStart(5, '0'));
    await exportModel({
      ...{ folder, overwrite: true, parameters, precision },
      network: sgdepthPerception(network, disparityRange(manifest)),
      description: {
        ...{ name: manifest.name, version: options.version, license: manifest.license },
        ...{ input: manifest.input, depth: manifest.depth },
        provenance: {
          method: 'adapted (SGDepth)',
          data: `drives ${options.bags.map((bag) => path.basename(path.resolve(bag))).join(', ')}; simulator, domain ${domains.join()}`,
          ...{ seed: settings.seed, steps, trainedSeconds: Math.round(elapsed() - trainedFrom) },
          ...{ command: options.command, parent: `${manifest.name}/${manifest.version}` },
          createdAt: new Date().toISOString(),
          metrics: {},
        },
      },
    });
    learned.push({ steps, folder });
  };
  await makeFolder(work.checkpoints);
  try {
    const steps = await adaptWeights({
      ...{
        parameters,
        method,
        threads,
        signal,
        seconds: left,
        steps: options.steps ?? Number.MAX_SAFE_INTEGER,
      },
      ...{ learningRate: settings.learningRate, refreshAt: settings.refreshAt },
      batches: {
        ...{ frames, triplets, intrinsics, targets: settings.targets, batch, seed: settings.seed },
        restyledShare: settings.restyledShare,
        sourceAugmentation: settings.sourceAugmentation,
        source: { ...samples, first: 0 },
        memory: await openMemory(options.memoryFolder, view),
      },
      snapshotAt: settings.snapshotAt,
      onSnapshot: keep,
      onStep: (step, share) => {
        log.add(step);
        if (step.step % 25 !== 0) return;
        const { photometric, depth } = step.metrics;
        options.report(
          `step ${step.step}, ${Math.round(100 * share)} % of the budget  photometric ${photometric.toFixed(4)}  ` +
            `source depth ${depth.toFixed(4)}  ${step.computeMs.toFixed(0)} ms`,
        );
      },
    });
    if (signal.aborted) return undefined;
    if (learned[learned.length - 1]?.steps !== steps) await keep(steps);
    return learned;
  } finally {
    await log.close();
  }
}
