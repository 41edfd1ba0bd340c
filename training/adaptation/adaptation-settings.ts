import {
  type AugmentationOptions,
  NO_COLOR_AUGMENTATION,
  SCENE_AUGMENTATION,
  STRONG_AUGMENTATION,
} from '../datasets/batches/augmentation.js';
import { SGDEPTH_AUGMENTATION } from '../datasets/batches/triplet-batch.js';
import type { AlignLabelWeightsOptions } from './learning/align-label-weights.js';
import type { AlignmentOptions } from './learning/alignment-loss.js';
import type { LabelAlignmentOptions } from './learning/label-alignment-loss.js';
import type { LearningLayers } from './learning/learning-layers.js';
import type { SgdepthAdaptationOptions } from './learning/sgdepth-adaptation.js';
import { SAMPLE_COUNTS } from './learning/source-samples.js';

/** What may be tuned; the defaults are those that docs/measurements/adaptation.md reports about. */
export interface AdaptationSettings {
  readonly seed: number;
  /** Peak for a short drive, see peakLearningRate. */
  readonly learningRate: number;
  /** What of the network learns. */
  readonly layers: LearningLayers;
  readonly targets: number;
  readonly sources: number;
  /** Pictures that teachers labelled, beside the sources, where there are teachers. */
  readonly lessons: number;
  readonly weights: SgdepthAdaptationOptions['weights'];
  readonly statistics: SgdepthAdaptationOptions['statistics'];
  readonly restyledShare: number;
  /** Weights and learning rates of `--method da-monodepth`. */
  readonly alignment: AlignmentOptions['weights'] & { readonly learningRate: number };
  /** Weights of the losses of `--method dada`, and learning rates. */
  readonly labels: LabelAlignmentOptions['weights'] & AlignLabelWeightsOptions['rates'];
  /** Changes of pictures in the drive's look, and of the source's own. */
  readonly augmentation: AugmentationOptions;
  readonly sourceAugmentation: AugmentationOptions;
  /** Changes of the drive's own pictures as the network sees them; `crop` zooms all three of a triplet together. */
  readonly targetAugmentation: AugmentationOptions;
  readonly refreshAt: readonly number[];
  /** Shares of the way at which the weights are kept, to be judged beside those of the end. */
  readonly snapshotAt: readonly number[];
  /** Samples of the source domain; for long drives more are rehearsed, see rehearsedCount. */
  readonly samples: { readonly rehearsed: number; readonly judged: number };
}

export const ADAPTATION_SETTINGS: AdaptationSettings = {
  seed: 1,
  learningRate: 7e-5,
  layers: 'all',
  targets: 2,
  sources: 2,
  lessons: 2,
  weights: { photometric: 5, smoothness: 1e-3, keep: 0.2, segmentation: 0.1, labels: 1.5 },
  statistics: 'frozen',
  restyledShare: 0.5,
  alignment: { segmentation: 0.1, adversarial: 0.05, learningRate: 3e-5 },
  labels: {
    ...{ segmentation: 0.1, views: 3, adversarial: 1e-3 },
    ...{ labels: 2e-4, discriminator: 1e-3 },
  },
  augmentation: { ...SGDEPTH_AUGMENTATION, crop: STRONG_AUGMENTATION.crop },
  sourceAugmentation: NO_COLOR_AUGMENTATION,
  // A camera at one height and pitch would let the network learn depth by the row, which no other drive has.
  targetAugmentation: { ...SCENE_AUGMENTATION, crop: [0.65, 1] },
  refreshAt: [0.4],
  snapshotAt: [0.35, 0.65],
  samples: SAMPLE_COUNTS,
};
