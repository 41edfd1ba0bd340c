import type * as tf from '@tensorflow/tfjs';
import { NO_COLOR_AUGMENTATION, STRONG_AUGMENTATION } from '../../datasets/batches/augmentation.js';
import { LABELLED_NAMES } from '../../datasets/batches/batch.js';
import { canonicalFocalPixels } from '../../datasets/batches/canonical-focal-pixels.js';
import { preparePaired } from '../../datasets/prepare/prepare-data.js';
import { BATCH_NORM_MOMENTUM } from '../../networks/layers.js';
import { patchDiscriminator } from '../../networks/patch-discriminator.js';
import type { Scope } from '../../networks/scope.js';
import { linearDecaySchedule } from '../../optimizers/linear-decay-schedule.js';
import type { RoleFacts, Size } from '../../runs/data-role.js';
import { defineMethod, type Progress, type Update } from '../../runs/method.js';
import { sizedPreparation } from '../../runs/sized-preparation.js';
import { labelledInspection } from '../labelled-inspection.js';
import { type AdversarialLossOptions, discriminatorLoss, generatorLoss } from './adversarial-loss.js';
import { ADVERSARIAL_CHOICES, type AdversarialOptions } from './adversarial-options.js';
import { type DepthCoding, decodeDepth } from './depth-coding.js';
import { dropoutState } from './dropout-state.js';
import { generatorOf } from './generator-of.js';
import { pairPool } from './pair-pool.js';
import { PAIRED_FIELDS } from './paired-fields.js';

const GENERATOR = 'generator';
const DISCRIMINATOR = 'discriminator';

/** Images in -1..1. Source: adversarial-depth, section 3.2. */
const NORMALIZATION = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** Source: adversarial-depth, section 3.2; beta1 of Isola et al. 2017, section 3.3. */
const ADAM = { kind: 'adam', beta1: 0.5, beta2: 0.999 } as const;

/** Share of the largest depth beyond which an exported model reports that something is too far to tell. */
const FAR_SHARE = 0.98;

/** Depth from pictures with true depth, by a generator against a discriminator of image and depth. */
export const adversarialDepth = defineMethod<AdversarialOptions, typeof PAIRED_FIELDS>({
  name: 'adversarial-depth',
  summary:
    'Train adversarial depth: supervised by pictures with true depth, such as those of a vehicle with a LiDAR, against a discriminator.',
  ...ADVERSARIAL_CHOICES,
  batch: PAIRED_FIELDS,
  sizes: (options, size) => generatorOf(options).dropoutSizes(size),
  data: {
    paired: {
      ...{ kind: 'labelled', letter: 'B' },
      names: LABELLED_NAMES,
      prepare: (options, preparation) =>
        preparePaired(options.paired, sizedPreparation(options, preparation)),
      batchSize: ({ batchSize }) => batchSize,
      fill: ({ augmentation, minMeters, maxMeters }, { size, crop, facts }) => ({
        ...{ targetStep: 1, ...NORMALIZATION, minMeters, maxMeters },
        canonicalFocalPixels: focalOf(facts, size),
        augmentation: {
          ...(augmentation === 'strong' ? STRONG_AUGMENTATION : NO_COLOR_AUGMENTATION),
          crop,
        },
      }),
    },
  },
  networks: ({ adversarial }) => (adversarial ? [GENERATOR, DISCRIMINATOR] : [GENERATOR]),
  declare(scope, _image, options) {
    const { declare, size } = generatorOf(options);
    declare(scope.child(GENERATOR));
    if (options.adversarial) declareDiscriminator(scope.child(DISCRIMINATOR), size, options);
  },
  statisticsMomentum: BATCH_NORM_MOMENTUM,
  metrics: ['l1', 'likelihood', 'adversarial', 'realScore', 'generatedScore', 'spread'],
  health: () => ({ discriminators: { [DISCRIMINATOR]: Math.LN2 }, varieties: ['spread'] }),
  phases(options) {
    const { width, height, length, learningRate, discriminatorRate } = options;
    const { generator } = generatorOf(options);
    const losses = lossesOf(options);
    const updates: Update<typeof PAIRED_FIELDS>[] = [
      {
        ...{ name: GENERATOR, trains: [GENERATOR], optimizer: ADAM },
        loss: (scope, batch) => generatorLoss(scope, batch, generator, losses),
        learningRate: (progress) => decayed(learningRate, progress),
      },
    ];
    if (options.adversarial) {
      updates.push({
        ...{ name: DISCRIMINATOR, trains: [DISCRIMINATOR], optimizer: ADAM },
        loss: (scope, batch) => discriminatorLoss(scope, batch, losses),
        learningRate: (progress) => decayed(discriminatorRate * learningRate, progress),
      });
    }
    return [{ length, shapes: [{ width, height }], updates }];
  },
  hostFields: (options) => [
    ...(options.dropout > 0 && options.network === 'unet' ? ['dropout'] : []),
    ...(options.adversarial ? ['generated'] : []),
  ],
  async host(options, { size }) {
    const { adversarial, batchSize, pool: capacity, seed, dropout } = options;
    const { y, x, C } = generatorOf(options).dropoutSizes(size);
    const length = size.width * size.height * 4;
    return [
      ...(dropout > 0 && options.network === 'unet'
        ? [dropoutState(batchSize * y * x * C, dropout, seed)]
        : []),
      ...(adversarial ? [pairPool({ capacity, length, seed }, batchSize, GENERATOR)] : []),
    ];
  },
  inspect: (options) =>
    labelledInspection({
      ...{ role: 'paired', labels: false, targetStep: 1, maxMeters: options.maxMeters },
      normalization: NORMALIZATION,
      outputs: (scope, { image }) => ({ disparity: inverseDepth(scope, image, options) }),
    }),
  inference(options, { paired }) {
    const { width, height, maxMeters } = options;
    const { multiple, fixed } = generatorOf(options);
    return {
      network: {
        ...{ architecture: 'adversarial-depth', options: built(options), classes: 0, multiple },
        ...(fixed !== undefined && { fixed: { width, height } }),
        encode: (_scope, image) => ({ image }),
        depth: {
          scale: 0,
          compute: (scope, { image }) => inverseDepth(scope, image as tf.Tensor4D, options), // as encoded
        },
      },
      input: {
        ...{ pixels: width * height, multiple },
        canonicalFocalPixels: focalOf(paired, { width, height }),
        ...{ mean: [...NORMALIZATION.mean], std: [...NORMALIZATION.std] },
      },
      depth: { kind: 'inverse-depth', metric: true, farMeters: FAR_SHARE * maxMeters },
      ...(fixed !== undefined && { fixedSize: fixed }),
    };
  },
  ablationSetting: {
    base: { paired: 'simulator:town-clean?samples=600&validation=40', length: { steps: 600 } },
  },
  // Tables 1 to 3, the rows in bold and those that they are compared with.
  ablation: {
    'U-Net': { network: 'unet', adversarial: false },
    'U-Net-Adv.': { network: 'unet', adversarial: true },
    'CNN-CRF': { network: 'crf', adversarial: false },
    'CNN-CRF-Adv.': { network: 'crf', adversarial: true },
  },
  provenance: ({ paired, network, adversarial }) => ({
    method: `adversarial depth, ${network === 'unet' ? 'U-Net' : 'CNN-CRF'}${adversarial ? '' : ' without discriminator'}`,
    data: paired,
  }),
});

/** What the exported network is built from. */
function built({ network, coding, minMeters, maxMeters, ...options }: AdversarialOptions) {
  const { filters, levels, norm, cell, patch, patchScale, unaryFilters } = options;
  const own = network === 'unet' ? { filters, levels, norm } : { cell, patch, patchScale, unaryFilters };
  return { network, ...own, coding, minMeters, maxMeters };
}

function inverseDepth(scope: Scope, image: tf.Tensor4D, options: AdversarialOptions): tf.Tensor4D {
  const coded = generatorOf(options).depth(scope.child(GENERATOR), image);
  return decodeDepth(coded, codingOf(options)).reciprocal();
}

function declareDiscriminator(scope: Scope, { width, height }: Size, options: AdversarialOptions): void {
  patchDiscriminator(
    scope,
    generatorOf(options).zeros([1, height, width, 4]),
    lossesOf(options).discriminator,
  );
}

function codingOf({ coding: kind, minMeters, maxMeters }: AdversarialOptions): DepthCoding {
  return { kind, minMeters, maxMeters };
}

function lossesOf(options: AdversarialOptions): AdversarialLossOptions {
  const { adversarial, adversarialWeight, l1Weight, discriminatorFilters: filters } = options;
  return {
    ...{ coding: codingOf(options), adversarial, adversarialWeight, l1Weight },
    discriminator: { filters, norm: 'none', spectral: true, initializer: { kind: 'xavierNormal' } },
  };
}

/** Full for the first half, then a line down to 0. Source: adversarial-depth, section 3.2. */
function decayed(peak: number, { step, steps }: Progress): number {
  const constant = Math.floor(steps / 2);
  return linearDecaySchedule({ peak, constant, decay: Math.max(1, steps - constant) })(step);
}

/**
 * The focal length at which the network's depth is metric: that of the data, in the network's pixels where the largest crop
 * fills them. So depths are learned as they are.
 */
function focalOf(facts: RoleFacts | undefined, { width, height }: Size): number {
  const { focalPixels, stored } = facts ?? {};
  if (focalPixels === undefined || stored === undefined) return canonicalFocalPixels(width);
  return (focalPixels * width) / Math.min(stored.width, (stored.height * width) / height);
}
