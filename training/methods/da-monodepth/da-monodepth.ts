import * as tf from '@tensorflow/tfjs';
import { LABELLED_NAMES } from '../../datasets/batches/batch.js';
import { canonicalFocalPixels } from '../../datasets/batches/canonical-focal-pixels.js';
import { SGDEPTH_AUGMENTATION } from '../../datasets/batches/triplet-batch.js';
import { prepareDepthSource } from '../../datasets/prepare/prepare-data.js';
import { preparePictures } from '../../datasets/prepare/prepare-pictures.js';
import {
  depthDecoder,
  encodeDaMonodepth,
  semanticDecoder,
  sharedBlock,
} from '../../networks/da-monodepth-network.js';
import { daMonodepthPerception } from '../../networks/da-monodepth-perception.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { BATCH_NORM_MOMENTUM } from '../../networks/layers.js';
import { disparityFromLogits } from '../../networks/sgdepth-network.js';
import { droppedLearningRate } from '../../runs/learning-rate.js';
import { defineMethod } from '../../runs/method.js';
import { sizedPreparation } from '../../runs/sized-preparation.js';
import { DA_MONODEPTH_BATCH, daMonodepthLoss, declareDaMonodepth, RANGE } from './da-monodepth-loss.js';
import {
  DA_MONODEPTH_CHOICES,
  type DaMonodepthOptions,
  lossOptionsOf,
  networkOf,
} from './da-monodepth-options.js';
import { reversalState } from './reversal-state.js';
import { TARGET_FIGURES, TargetMeasure, targetTiles } from './target-inspection.js';

/** What the sky is taught as is the cap; beyond so much of it an exported model says that something is too far to tell. */
const FAR_SHARE = 0.9;

/** Supervised depth and segmentation on a source domain, whose features are made those of an unlabelled target domain. */
export const daMonodepth = defineMethod<DaMonodepthOptions, typeof DA_MONODEPTH_BATCH>({
  name: 'da-monodepth',
  summary:
    'Train DA-Monodepth: depth and segmentation on a labelled source domain, features aligned with an unlabelled target domain by an adversary.',
  ...DA_MONODEPTH_CHOICES,
  batch: DA_MONODEPTH_BATCH,
  data: {
    source: {
      ...{ kind: 'labelled', letter: 'B' },
      names: LABELLED_NAMES,
      prepare: (options, preparation) =>
        prepareDepthSource(options.source, sizedPreparation(options, preparation)),
      batchSize: ({ sourceBatch }) => sourceBatch,
      fill: (options, { first, crop }) => ({
        ...{ targetStep: 1, ...inputNormalization(networkOf(options)), ...RANGE },
        canonicalFocalPixels: canonicalFocalPixels(first.width),
        augmentation: { ...SGDEPTH_AUGMENTATION, crop },
      }),
    },
    target: {
      ...{ kind: 'pictures', letter: 'T' },
      names: { image: 'targetImage' },
      prepare: (options, preparation) =>
        preparePictures(options.target, sizedPreparation(options, preparation)),
      // Without: they are in no batch, and measured all the same.
      batchSize: ({ targetImages, targetBatch }) => (targetImages ? targetBatch : 0),
      fill: (options, { crop }) => ({
        ...inputNormalization(networkOf(options)),
        augmentation: { ...SGDEPTH_AUGMENTATION, crop },
      }),
    },
  },
  networks: ({ segmentation, targetImages }) => [
    ...['encoder', 'shared', 'depth'],
    ...(segmentation ? ['segmentation'] : []),
    ...(targetImages ? ['domain'] : []),
  ],
  declare: (scope, image, options) =>
    declareDaMonodepth(scope, image, networkOf(options), options.targetImages),
  statisticsMomentum: BATCH_NORM_MOMENTUM,
  metrics: ['depth', 'segmentation', 'adversarial', 'domainAccuracy', 'reversal'],
  health: () => ({}),
  phases: (options) => [
    {
      length: options.length,
      shapes: [{ width: options.width, height: options.height }],
      updates: [
        {
          name: 'all',
          trains: ['encoder', 'shared', 'depth', 'segmentation', 'domain'],
          loss: (scope, batch) => daMonodepthLoss(scope, batch, lossOptionsOf(options)),
          optimizer: { kind: 'adam', clipNorm: 10 },
          learningRate: ({ step, steps }) => droppedLearningRate(step, { peak: options.learningRate, steps }),
        },
      ],
    },
  ],
  hostFields: ({ targetImages }) => (targetImages ? ['reversal'] : []),
  host: async (options, context) => (options.targetImages ? [reversalState(options, context)] : []),
  inspect(options) {
    const network = networkOf(options);
    const seen = {
      normalization: inputNormalization(network),
      capMeters: RANGE.maxMeters,
      canonicalFocalPixels: canonicalFocalPixels(options.width),
    };
    return {
      ...{ role: 'target', untrained: false, shown: 6, metrics: TARGET_FIGURES },
      outputs: (scope, { targetImage: image }) => {
        if (image === undefined) throw new RangeError('a held-out target image is a target image');
        const features = sharedBlock(scope, encodeDaMonodepth(scope, image, network), network, 1);
        const [logits] = depthDecoder(scope, features, network, 1);
        const [classes] = network.classes > 0 ? semanticDecoder(scope, features, network, 1) : [];
        if (logits === undefined) throw new RangeError('the decoder has no output');
        return {
          disparity: disparityFromLogits(logits, RANGE.minMeters, RANGE.maxMeters),
          ...(classes && { labels: tf.argMax(classes, 3) }),
        };
      },
      measure: () => new TargetMeasure(seen),
      tiles: (inspected) => targetTiles(inspected, seen),
    };
  },
  inference(options) {
    const { width, height } = options;
    const { mean, std } = inputNormalization(networkOf(options));
    return {
      network: daMonodepthPerception(networkOf(options), RANGE),
      input: {
        ...{ pixels: width * height, multiple: 32, mean: [...mean], std: [...std] },
        canonicalFocalPixels: canonicalFocalPixels(width),
      },
      depth: { kind: 'disparity', metric: true, ...RANGE, farMeters: FAR_SHARE * RANGE.maxMeters },
    };
  },
  // Tables 3 and 4. Source: DA-Monodepth, section 4.4.
  ablation: {
    baseline: { segmentation: false, targetImages: false },
    '+ segmentation': { targetImages: false },
    '+ target images': {},
  },
  ablationSetting: {
    base: {
      ...{ preset: 'narrow', width: 192, height: 64, length: { steps: 1500 } },
      source: 'simulator:town-clean?samples=1500',
      target: 'simulator:town-camera?samples=1500&validation=60',
    },
  },
  provenance: ({ source, target, targetImages }) => ({
    method: 'da-monodepth',
    data: `source ${source}${targetImages ? `, target ${target} without labels` : ''}`,
  }),
});
