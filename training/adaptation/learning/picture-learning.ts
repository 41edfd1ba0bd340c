import type { OptimizerOptions } from '../../optimizers/create-optimizer.js';
import type { TrainableModel } from '../../perception-graph/load-weights.js';
import type { Parameters } from '../../weights/parameters.js';
import { WEIGHTS_FILE } from '../../weights/weights-file.js';
import type { LearningContext } from '../adaptation-method.js';
import { LearningState } from './learning-state.js';
import { plannedSteps } from './planned-steps.js';

export interface PictureLearningOptions {
  /** Its name. */
  readonly method: string;
  readonly trainable: TrainableModel;
  /** Drawn for this learning, and not kept after it. */
  readonly adversary: Parameters;
  readonly optimizers?: Readonly<Record<string, OptimizerOptions>>;
}

export interface PictureLearning {
  /** Of the network and its adversary. */
  readonly state: LearningState;
  /** Planned in all. */
  readonly steps: number;
  /** The model whose weights the state changes, without the adversary. */
  readonly learned: TrainableModel;
}

/** Learning from single pictures as far as earlier nights came; says where it goes on. */
export async function pictureLearning(
  { options, parent, drives, samples, domains }: LearningContext,
  { method, trainable, adversary, optimizers }: PictureLearningOptions,
): Promise<PictureLearning> {
  const { settings } = options;
  const { adapt } = drives.pictures;
  const steps = options.steps ?? plannedSteps(adapt.length, settings.targets);
  const state = await LearningState.open({
    ...{ root: options.learningFolder, restart: options.restart ?? false, steps },
    ...(optimizers && { optimizers }),
    parameters: new Map([...trainable.parameters, ...adversary]),
    of: {
      ...{ method, parent: parent.manifest.files[WEIGHTS_FILE], domains, steps, settings },
      classAdjustment: trainable.classAdjustment ?? null,
      pictures: adapt.map(({ index, drive, stampNs }) => [index, drive, String(stampNs)]),
      view: [drives.view.width, drives.view.height],
      intrinsics: drives.views.map(({ intrinsics }) => intrinsics),
      samples: samples.description,
    },
  });
  options.report(
    state.step > 0
      ? `going on from step ${state.step} of ${steps}`
      : `${steps} steps, as long as time allows`,
  );
  const own = [...state.parameters].filter(([name]) => trainable.parameters.has(name));
  return { state, steps, learned: { ...trainable, parameters: new Map(own) } };
}
