import * as tf from '@tensorflow/tfjs';
import {
  type AugmentationOptions,
  NO_COLOR_AUGMENTATION,
  SCENE_AUGMENTATION,
  STRONG_AUGMENTATION,
  STYLE_AUGMENTATION,
} from '../../datasets/batches/augmentation.js';
import { LABELLED_FIELDS, LABELLED_NAMES } from '../../datasets/batches/batch.js';
import { canonicalFocalPixels } from '../../datasets/batches/canonical-focal-pixels.js';
import { SGDEPTH_AUGMENTATION } from '../../datasets/batches/triplet-batch.js';
import { prepareMixedSnapshots } from '../../datasets/prepare/prepare-simulator.js';
import { enetClassWeights } from '../../losses/class-weights.js';
import { CONFIDENCE_HEAD } from '../../networks/confidence-head.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { BATCH_NORM_MOMENTUM } from '../../networks/layers.js';
import {
  declareNetworks,
  predictDisparity,
  type SgdepthNetworkOptions,
  segmentationHead,
} from '../../networks/sgdepth-network.js';
import { sgdepthPerception } from '../../networks/sgdepth-perception.js';
import { cosineLearningRate } from '../../runs/learning-rate.js';
import { defineMethod, type Update } from '../../runs/method.js';
import { labelledInspection } from '../labelled-inspection.js';
import { confidenceAloneLoss, supervisedLoss } from './supervised-loss.js';
import {
  SUPERVISED_NETWORKS,
  SUPERVISED_OPTIONS,
  type SupervisedOptions,
  stageOf,
} from './supervised-options.js';

/** Source: SGDepth, section 4. */
const RANGE = { minMeters: 0.1, maxMeters: 100 } as const;
/** End of the range at the canonical focal length, metres. The sky beyond it is taught as the range's end. */
const FAR_METERS = 85;

const AUGMENTATIONS: Readonly<Record<SupervisedOptions['augmentation'], AugmentationOptions>> = {
  strong: STRONG_AUGMENTATION,
  scene: SCENE_AUGMENTATION,
  'scene+style': STYLE_AUGMENTATION,
  sgdepth: { ...SGDEPTH_AUGMENTATION, crop: STRONG_AUGMENTATION.crop },
  none: NO_COLOR_AUGMENTATION,
};

/** How often pictures are hidden where the confidence learns alone: what it says of those must not cost depth or classes. */
const BLIND_SHARE = 0.3;

const networkOf = ({ preset, confidence }: SupervisedOptions): SgdepthNetworkOptions => ({
  ...SUPERVISED_NETWORKS[preset],
  ...(confidence && { confidence: CONFIDENCE_HEAD }),
});
const OTHERS = ['encoder', 'depth', 'segmentation'] as const;
const networksOf = ({ confidence }: SupervisedOptions) => [...OTHERS, ...(confidence ? ['confidence'] : [])];
const learnsAll = ({ learn }: SupervisedOptions) => learn === 'all';

/** SGDepth's depth and segmentation networks with exact truth: how the shipped model is made. */
export const supervised = defineMethod<SupervisedOptions, typeof LABELLED_FIELDS>({
  name: 'supervised',
  modelName: 'rxdepth',
  summary: "Train SGDepth's depth and segmentation networks with supervision in the simulator.",
  options: SUPERVISED_OPTIONS,
  presets: Object.fromEntries(
    Object.keys(SUPERVISED_NETWORKS).map((name) => [name, { confidence: name !== 'paper' }]),
  ),
  batch: LABELLED_FIELDS,
  data: {
    samples: {
      ...{ kind: 'labelled', letter: 'B' },
      names: LABELLED_NAMES,
      prepare: ({ domain, samples, validation, sampleWidth, sampleHeight, seed }, preparation) =>
        prepareMixedSnapshots(
          { domain, count: samples, heldOut: validation, width: sampleWidth, height: sampleHeight, seed },
          preparation,
        ),
      batchSize: ({ batchSize }) => batchSize,
      fill: (options, { first }) => ({
        targetStep: 2 ** networkOf(options).outputScale,
        ...inputNormalization(networkOf(options)),
        ...RANGE,
        canonicalFocalPixels: canonicalFocalPixels(first.width),
        augmentation: {
          ...AUGMENTATIONS[options.augmentation],
          ...(!learnsAll(options) && { blind: BLIND_SHARE }),
        },
      }),
    },
  },
  networks: networksOf,
  startsFrom: (options) => (learnsAll(options) ? [] : OTHERS),
  declare: (scope, image, options) => declareNetworks(scope, image, networkOf(options)),
  statisticsMomentum: BATCH_NORM_MOMENTUM,
  metrics: ['depth', 'segmentation', 'confidence'],
  phases(options, { samples }) {
    const { learningRate: peak, weightDecay, segmentationWeight, encoderRate } = options;
    const network = networkOf(options);
    const classWeights = enetClassWeights(samples?.classCounts ?? []);
    const update: Update<typeof LABELLED_FIELDS> = {
      name: 'all',
      trains: learnsAll(options) ? networksOf(options) : ['confidence'],
      ...(!learnsAll(options) && { reads: ['image', 'disparity', 'weight'] }),
      loss: (scope, batch) =>
        learnsAll(options)
          ? supervisedLoss(scope, batch, { network, ...RANGE, classWeights, segmentationWeight })
          : confidenceAloneLoss(scope, batch, { network, ...RANGE }),
      optimizer: {
        ...{ kind: 'adam', weightDecay, clipNorm: 5 },
        ...(encoderRate !== 1 && { groups: [{ match: /^encoder\./, rate: encoderRate }] }),
      },
      learningRate: ({ step, steps }) =>
        cosineLearningRate(step, { peak, steps, warmup: Math.min(500, steps / 20) }),
    };
    return options.stages.map(({ steps, second, ...first }) => ({
      length: { steps },
      shapes: second === undefined ? [first] : [first, second],
      ...(!learnsAll(options) && { frozen: OTHERS }),
      updates: [update],
    }));
  },
  inspect(options) {
    const network = networkOf(options);
    return labelledInspection({
      ...{ role: 'samples', labels: true, targetStep: 2 ** network.outputScale, maxMeters: RANGE.maxMeters },
      normalization: inputNormalization(network),
      outputs: (scope, { image }) => {
        const { disparity, features } = predictDisparity(scope, image, { network, ...RANGE });
        return { disparity, labels: tf.argMax(segmentationHead(scope, features, network), 3) };
      },
    });
  },
  inference(options, _facts, step) {
    const { width, height } = stageOf(options, step);
    const { mean, std } = inputNormalization(networkOf(options));
    return {
      network: sgdepthPerception(networkOf(options), RANGE),
      input: {
        ...{ pixels: width * height, multiple: 32, mean: [...mean], std: [...std] },
        // That of the training, whatever the size: depth follows the size of things in pixels.
        canonicalFocalPixels: canonicalFocalPixels(width),
      },
      depth: { kind: 'disparity', metric: true, ...RANGE, farMeters: FAR_METERS },
    };
  },
  provenance: (options) => {
    const { domain, samples, sampleWidth, sampleHeight } = options;
    return {
      method: learnsAll(options)
        ? 'supervised (networks of SGDepth)'
        : 'confidence head, supervised, beside the frozen networks of the parent',
      data: `simulator, domain ${domain}, ${samples} snapshots of ${sampleWidth}x${sampleHeight}`,
    };
  },
});
