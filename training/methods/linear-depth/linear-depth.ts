import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { NO_COLOR_AUGMENTATION } from '../../datasets/batches/augmentation.js';
import { LABELLED_FIELDS, LABELLED_NAMES } from '../../datasets/batches/batch.js';
import { canonicalFocalPixels } from '../../datasets/batches/canonical-focal-pixels.js';
import { prepareMixedSnapshots } from '../../datasets/prepare/prepare-simulator.js';
import { logDepthLoss } from '../../losses/log-depth-loss.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { conv2d } from '../../networks/layers.js';
import type { Scope } from '../../networks/scope.js';
import { defineMethod } from '../../runs/method.js';
import { option } from '../../runs/option.js';
import { RUN_OPTIONS } from '../../runs/run-options.js';
import { labelledInspection } from '../labelled-inspection.js';

/**
 * The least method there is, to copy from (CONTRIBUTING.md): the logarithm of 1 / depth as a linear function of the
 * colours around a pixel. It learns what is bright and far, and shows what a method gets without a line of its own:
 * training, resume, log, panels, evaluation, export.
 */

const OPTIONS = z.strictObject({
  preset: option(z.enum(['compact', 'paper']).default('compact'), { help: 'there is one network for both' }),
  samples: option(z.number().int().positive().default(200), { help: 'rendered samples' }),
  validation: option(z.number().int().positive().default(20), { help: 'how many of them are held out' }),
  width: option(z.number().int().positive().multipleOf(32).default(128), { help: 'of pictures, pixels' }),
  height: option(z.number().int().positive().multipleOf(32).default(64), { help: 'of pictures, pixels' }),
  batchSize: option(z.number().int().positive().default(4), { flag: 'batch', help: 'images a batch' }),
  steps: option(z.number().int().positive().default(200), { help: 'training steps' }),
  learningRate: option(z.number().positive().default(1e-2), { help: 'learning rate' }),
  ...RUN_OPTIONS,
});

const RANGE = { minMeters: 0.1, maxMeters: 100 } as const;
/** The output has 1 / 2^2 of the picture's resolution. */
const SCALE = 2;
const NORMALIZATION = inputNormalization({});

/** 1 / depth, [B, H / 4, W / 4, 1]; a network of one convolution. */
function inverseDepth(scope: Scope, image: tf.Tensor4D): tf.Tensor4D {
  const logarithm = conv2d(scope.child('linear'), image, {
    ...{ filters: 1, kernel: 7, stride: 2 ** SCALE, bias: true, initialBias: -2.5 },
  });
  return tf.exp(tf.clipByValue(logarithm, -4.6, 2.3));
}

export const linearDepth = defineMethod<z.infer<typeof OPTIONS>, typeof LABELLED_FIELDS>({
  name: 'linear-depth',
  summary: 'Train a linear function of colours, the example to write a method from.',
  options: OPTIONS,
  presets: { compact: {}, paper: {} },
  batch: LABELLED_FIELDS,
  data: {
    samples: {
      ...{ kind: 'labelled', letter: 'B' },
      names: LABELLED_NAMES,
      prepare: ({ samples: count, validation: heldOut, width, height, seed }, preparation) =>
        prepareMixedSnapshots({ domain: 'town-clean', count, heldOut, width, height, seed }, preparation),
      batchSize: ({ batchSize }) => batchSize,
      fill: (_options, { size }) => ({
        ...{ targetStep: 2 ** SCALE, ...NORMALIZATION, ...RANGE, augmentation: NO_COLOR_AUGMENTATION },
        canonicalFocalPixels: canonicalFocalPixels(size.width),
      }),
    },
  },
  networks: () => ['linear'],
  declare: (scope, image) => void inverseDepth(scope, image),
  statisticsMomentum: 0.1,
  metrics: ['depth'],
  phases: ({ steps, width, height, learningRate }) => [
    {
      length: { steps },
      shapes: [{ width, height }],
      updates: [
        {
          ...{ name: 'all', trains: ['linear'], optimizer: { kind: 'adam' } },
          loss: (scope, { image, disparity, weight }) => {
            const depth = logDepthLoss(inverseDepth(scope, image), disparity, weight);
            return { loss: depth, metrics: { depth } };
          },
          learningRate: () => learningRate,
        },
      ],
    },
  ],
  inspect: () =>
    labelledInspection({
      ...{ role: 'samples', labels: false, targetStep: 2 ** SCALE, maxMeters: RANGE.maxMeters },
      normalization: NORMALIZATION,
      outputs: (scope, { image }) => ({ disparity: inverseDepth(scope, image) }),
    }),
  inference: ({ width, height }) => ({
    network: {
      ...{ architecture: 'linear-depth', options: {}, classes: 0 },
      encode: (_scope, image) => ({ image }),
      depth: {
        scale: SCALE,
        compute: (scope, { image }) => inverseDepth(scope, image), // as encoded
      },
    },
    input: {
      ...{ pixels: width * height, multiple: 32, canonicalFocalPixels: canonicalFocalPixels(width) },
      ...{ mean: [...NORMALIZATION.mean], std: [...NORMALIZATION.std] },
    },
    depth: { kind: 'inverse-depth', metric: true, farMeters: 85 },
  }),
  provenance: ({ samples }) => ({ method: 'linear-depth', data: `simulator, ${samples} snapshots` }),
});
