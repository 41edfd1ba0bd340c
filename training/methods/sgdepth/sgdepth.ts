import { enetClassWeights } from '../../losses/class-weights.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { BATCH_NORM_MOMENTUM } from '../../networks/layers.js';
import { sgdepthPerception } from '../../networks/sgdepth-perception.js';
import type { Facts } from '../../runs/data-role.js';
import { droppedLearningRate } from '../../runs/learning-rate.js';
import { defineMethod } from '../../runs/method.js';
import { maskState } from './mask-state.js';
import { SGDEPTH_ABLATION } from './sgdepth-ablation.js';
import { SGDEPTH_DATA } from './sgdepth-data.js';
import { sgdepthInspection } from './sgdepth-inspection.js';
import { declareSgdepth, SGDEPTH_BATCH, sgdepthLoss } from './sgdepth-loss.js';
import {
  isMasking,
  methodOf,
  SGDEPTH_CHOICES,
  type SgdepthRunOptions,
  scheduleOf,
} from './sgdepth-options.js';

/** Share of the depth head's range beyond which an exported model reports that something is too far to tell. */
const FAR_SHARE = 0.9;

/** Self-supervised depth on a target domain, segmentation on a labelled source domain. */
export const sgdepth = defineMethod<SgdepthRunOptions, typeof SGDEPTH_BATCH>({
  name: 'sgdepth',
  summary:
    'Train SGDepth: self-supervised depth on a target domain without labels, segmentation on a labelled source domain.',
  ...SGDEPTH_CHOICES,
  batch: SGDEPTH_BATCH,
  data: SGDEPTH_DATA,
  networks: networksOf,
  declare: (scope, image, options) => declareSgdepth(scope, image, withData(options)),
  statisticsMomentum: BATCH_NORM_MOMENTUM,
  metrics: ['photometric', 'smoothness', 'explained', 'segmentation', 'masked', 'overlap', 'static'],
  phases: (options, facts) => [
    {
      length: options.length,
      shapes: [{ width: options.width, height: options.height }],
      updates: [
        {
          name: 'all',
          trains: networksOf(options),
          loss: (scope, batch) => {
            const { overlaps, ...result } = sgdepthLoss(scope, batch, withData(options, facts));
            return { ...result, ...(overlaps && { host: { overlaps } }) };
          },
          optimizer: { kind: 'adam', ...(options.clipNorm !== null && { clipNorm: options.clipNorm }) },
          learningRate: ({ step, steps }) => droppedLearningRate(step, { peak: options.learningRate, steps }),
        },
      ],
    },
  ],
  hostFields: (options) => (isMasking(options) ? ['labels', 'previousLabels', 'nextLabels', 'isStatic'] : []),
  async host(options, context) {
    const { steps, batchesPerEpoch, facts } = context;
    const schedule = scheduleOf(options, steps, batchesPerEpoch);
    if (schedule === undefined) return [];
    return [await maskState(withData(options, facts), options.targetBatch, schedule, context)];
  },
  inspect: (options, facts) => sgdepthInspection(withData(options, facts)),
  inference(options, { target }) {
    const { network, pose, minMeters, maxMeters } = withData(options);
    const focalPixels = target?.focalPixels;
    const { mean, std } = inputNormalization(network);
    const seen = options.source === undefined ? { ...network, classes: 0 } : network;
    return {
      network: sgdepthPerception(seen, { minMeters, maxMeters }, pose),
      input: {
        ...{ pixels: options.width * options.height, multiple: 32 },
        ...{ mean: [...mean], std: [...std] },
        ...(focalPixels === undefined ? {} : { canonicalFocalPixels: focalPixels }),
      },
      // One camera knows no metres.
      depth: { kind: 'disparity', metric: false, minMeters, maxMeters, farMeters: FAR_SHARE * maxMeters },
      fixedSize: 'a model of `rxdepth train sgdepth` keeps its size',
    };
  },
  // Table 3. Source: SGDepth, section 5.2.
  ablation: {
    'only depth': { source: undefined, masking: 'none' },
    'multi-task': { segmentationGradient: null, masking: 'none' },
    'scaled gradients': { masking: 'none' },
    mask: { masking: 'all' },
    threshold: { masking: 0.3 },
    full: {},
  },
  ablationSetting: SGDEPTH_ABLATION,
  provenance: ({ target, source }) => ({
    method: 'sgdepth, self-supervised',
    data: `target ${target}${source === undefined ? '' : `, source ${source}`}`,
  }),
});

function networksOf({ firstConvolution }: SgdepthRunOptions): string[] {
  const shared = firstConvolution === 'shared' ? ['shared'] : [];
  return ['encoder', ...shared, 'depth', 'segmentation', 'pose_encoder', 'pose'];
}

/** Losses and networks, with the weights of the classes as far as the data are known. */
function withData(options: SgdepthRunOptions, { source }: Facts = {}) {
  if (options.source === undefined) return methodOf(options);
  const counts = source?.classCounts ?? [];
  return methodOf(
    options,
    options.crossEntropy === 'labelled' ? weightsOfMeanOne(counts) : enetClassWeights(counts),
  );
}

/**
 * ENet's weights, scaled to a mean of 1 over the pixels that were counted. The cross-entropy then is that of PyTorch, which
 * divides by the weights that it sums, but for the differences between batches.
 */
function weightsOfMeanOne(counts: readonly number[]): number[] {
  const weights = enetClassWeights(counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = counts.reduce((sum, count, id) => sum + (count * (weights[id] ?? 0)) / Math.max(1, total), 0);
  return weights.map((weight) => weight / Math.max(mean, Number.EPSILON));
}
