import {
  type AugmentationOptions,
  NO_COLOR_AUGMENTATION,
  SCENE_AUGMENTATION,
  STRONG_AUGMENTATION,
  STYLE_AUGMENTATION,
} from '../../datasets/batches/augmentation.js';
import { LABELLED_NAMES } from '../../datasets/batches/batch.js';
import { canonicalFocalPixels } from '../../datasets/batches/canonical-focal-pixels.js';
import { enetClassWeights } from '../../losses/class-weights.js';
import { BATCH_NORM_MOMENTUM } from '../../networks/layers.js';
import {
  ATTENTION,
  DEPTH,
  S2R_NORMALIZATION,
  SEGMENTER,
  STRUCTURE_DECODER,
  STRUCTURE_ENCODER,
  s2rParameters,
  s2rPerception,
} from '../../networks/s2r-depthnet.js';
import type { Facts } from '../../runs/data-role.js';
import { defineMethod, type Phase, type Progress, type Update } from '../../runs/method.js';
import { S2R_BATCH } from './s2r-batch.js';
import { PROCEDURAL, prepareS2rSource, prepareStyleSet } from './s2r-data.js';
import { s2rInspection, translationInspection } from './s2r-inspection.js';
import { attentionStepLoss, segmenterLoss, structureStepLoss } from './s2r-loss.js';
import {
  namesOfNetworks,
  S2R_CHOICES,
  type S2rOptions,
  type S2rPhase,
  s2rNetworks,
  structureLength,
  translationNetworks,
  untrainedNetworks,
} from './s2r-options.js';
import { styleState } from './style-state.js';
import {
  DISCRIMINATORS,
  declareTranslation,
  discriminatorLoss,
  GENERATORS,
  generatorLoss,
  knowingNothing,
} from './translation-loss.js';

type S2rStep = Phase<typeof S2R_BATCH>;

/** The authors' code changes brightness, contrast and saturation by up to a fifth, and turns pictures, which is left out. */
const PAPER_AUGMENTATION: AugmentationOptions = { ...NO_COLOR_AUGMENTATION, color: 0.2 };

const AUGMENTATIONS: Readonly<Record<S2rOptions['augmentation'], AugmentationOptions>> = {
  paper: PAPER_AUGMENTATION,
  strong: STRONG_AUGMENTATION,
  scene: SCENE_AUGMENTATION,
  'scene+style': STYLE_AUGMENTATION,
  none: NO_COLOR_AUGMENTATION,
};

/** Rows without the structure encoder, and so without what they would start from. */
const ALONE = { attention: 'none', phases: ['structure'], parent: undefined } satisfies Partial<S2rOptions>;

/** Depth as near as this is cut to it, metres. */
const NEAREST_METERS = 0.1;
/** Share of the farthest depth beyond which an exported model reports that something is too far to tell. */
const FAR_SHARE = 0.95;

/** Depth from a picture's structure, so that a network that saw only simulated pictures serves real ones. */
export const s2rDepthnet = defineMethod<S2rOptions, typeof S2R_BATCH>({
  name: 's2r-depthnet',
  summary:
    'Train S2R-DepthNet: depth from a structure map without style, on pictures with depth (simulated ones) alone.',
  ...S2R_CHOICES,
  batch: S2R_BATCH,
  data: {
    source: {
      ...{ kind: 'labelled', letter: 'B', names: LABELLED_NAMES, prepare: prepareS2rSource },
      batchSize: ({ batchSize }) => batchSize,
      fill: ({ augmentation, maxMeters, width }, { crop }) => ({
        ...{ targetStep: 1, ...S2R_NORMALIZATION, minMeters: NEAREST_METERS, maxMeters },
        canonicalFocalPixels: canonicalFocalPixels(width),
        augmentation: { ...AUGMENTATIONS[augmentation], crop },
      }),
    },
    style: {
      ...{ kind: 'pictures', letter: 'S' },
      names: { image: 'styleImage' },
      prepare: (options, preparation) =>
        options.phases.includes('translation') ? prepareStyleSet(options, preparation) : undefined,
      batchSize: ({ translationBatch }) => translationBatch,
      fill: ({ style }, { crop }) => ({
        ...S2R_NORMALIZATION,
        augmentation: { ...NO_COLOR_AUGMENTATION, crop, style: style === PROCEDURAL ? 1 : 0 },
      }),
    },
  },
  networks: namesOfNetworks,
  declare(scope, image, options) {
    const networks = s2rNetworks(options);
    if (options.phases.includes('translation'))
      declareTranslation(scope, image, translationNetworks(options));
    if (options.phases.join() === 'translation') return;
    s2rParameters(scope, image, networks, options.phases.includes('attention'));
  },
  startsFrom: untrainedNetworks,
  statisticsMomentum: BATCH_NORM_MOMENTUM,
  metrics: [
    ...['image', 'structureKept', 'style', 'adversarial', 'discriminator'],
    ...['depth', 'structure', 'attention', 'segmentation'],
  ],
  phases: (options, facts) => options.phases.map((phase) => PHASES[phase](options, facts)),
  host: async ({ seed }, context) => (context.phase === 'translation' ? [styleState(seed, context)] : []),
  hostFields: (_options, phase) => (phase === 'translation' ? ['drawnStyle', 'drawnSourceStyle'] : []),
  health: (options) =>
    options.phases.includes('translation')
      ? { discriminators: { discriminator: knowingNothing(translationNetworks(options)) } }
      : {},
  inspect: (options) =>
    options.phases.join() === 'translation'
      ? translationInspection(translationNetworks(options))
      : s2rInspection(s2rNetworks(options), options.phases.includes('attention')),
  inference(options) {
    if (options.phases.join() === 'translation') return undefined;
    const { width, height, maxMeters } = options;
    const attends = options.phases.includes('attention');
    return {
      network: s2rPerception(s2rNetworks(options), attends),
      input: {
        ...{ pixels: width * height, multiple: 32 },
        ...{ mean: [...S2R_NORMALIZATION.mean], std: [...S2R_NORMALIZATION.std] },
        canonicalFocalPixels: canonicalFocalPixels(width),
      },
      depth: { kind: 'depth', metric: true, farMeters: FAR_SHARE * maxMeters },
      fixedSize: 'a model of `rxdepth train s2r-depthnet` keeps its size',
    };
  },
  // Table 5. Source: S2R-DepthNet, section 4.3.
  ablation: {
    baseline: { input: 'picture', ...ALONE },
    '+ STE': { attention: 'none', phases: ['structure'] },
    '+ STE + DSA (add)': { attention: 'sum', phases: ['structure', 'attention'] },
    '+ STE + DSA (concat)': { attention: 'concatenation', phases: ['structure', 'attention'] },
    '+ STE + DSA (product)': { attention: 'product', phases: ['structure', 'attention'] },
    'edges + baseline': { input: 'edges', ...ALONE },
    'segmentation map + baseline': { input: 'labels', ...ALONE },
  },
  ablationSetting: {
    base: {
      ...{ preset: 'narrow', source: 'simulator:town-clean?samples=1500', validation: 60 },
      ...{ structure: { steps: 1500 }, attentionLength: { steps: 1500 } },
    },
    // Step 1, whose structure encoder all rows share that have one.
    start: (steps = 3000) => ({ phases: ['translation'], translation: { steps } }),
  },
  provenance: ({ source, style, phases }) => ({
    method: `s2r-depthnet, steps ${phases.join(', ')}`,
    data: `source ${source}${phases.includes('translation') ? `, styles ${style}` : ''}`,
  }),
});

const PHASES: Readonly<Record<S2rPhase, (options: S2rOptions, facts: Facts) => S2rStep>> = {
  translation: (options) => {
    const { translationBatch, translationWidth: width, translationHeight: height, weightDecay } = options;
    const networks = translationNetworks(options);
    const { imageWeight, contentWeight, styleWeight, cycleWeight } = options;
    const weights = { image: imageWeight, structure: contentWeight, style: styleWeight, cycle: cycleWeight };
    // MUNIT's: beta1 0.5, halved every 100,000 of 1,000,000 steps.
    const common = {
      optimizer: { kind: 'adam', beta1: 0.5, weightDecay } as const,
      learningRate: halving(options.translationRate, 10),
    };
    return {
      ...{ name: 'translation', length: options.translation, shapes: [{ width, height }] },
      batchSizes: { source: translationBatch, style: translationBatch },
      // Its batch is one of its own, of MUNIT's one picture; --accumulate stands for the large batch of the others.
      batchesPerStep: 1,
      inspection: translationInspection(networks),
      updates: [
        {
          ...{ name: 'discriminator', trains: DISCRIMINATORS, ...common },
          loss: (scope, batch) => discriminatorLoss(scope, batch, networks),
        },
        {
          ...{ name: 'generator', trains: GENERATORS, ...common },
          loss: (scope, batch) => generatorLoss(scope, batch, networks, weights),
        },
      ],
    };
  },
  structure: (options, facts) => {
    const networks = s2rNetworks(options);
    const isStructure = options.input === 'structure';
    const depth: Update<typeof S2R_BATCH> = {
      ...{ name: 'structure', trains: isStructure ? [STRUCTURE_DECODER, DEPTH] : [DEPTH] },
      ...depthTraining(options),
      loss: (scope, batch) => structureStepLoss(scope, batch, networks, options),
    };
    const segmenter: Update<typeof S2R_BATCH> = {
      ...{ name: 'segmenter', trains: [SEGMENTER], ...depthTraining(options) },
      loss: (scope, batch) =>
        segmenterLoss(scope, batch, networks, enetClassWeights(facts.source?.classCounts ?? [])),
    };
    return {
      ...{ name: 'structure', length: structureLength(options), shapes: [sizeOf(options)] },
      batchSizes: { source: options.batchSize },
      inspection: s2rInspection(networks, false),
      ...(isStructure && { frozen: [STRUCTURE_ENCODER] }),
      updates: options.input === 'labels' ? [segmenter, depth] : [depth],
    };
  },
  attention: (options) => {
    const networks = s2rNetworks(options);
    return {
      ...{ name: 'attention', length: options.attentionLength, shapes: [sizeOf(options)] },
      batchSizes: { source: options.batchSize },
      inspection: s2rInspection(networks, true),
      frozen: [STRUCTURE_ENCODER, STRUCTURE_DECODER],
      updates: [
        {
          ...{ name: 'attention', trains: [ATTENTION, DEPTH], ...depthTraining(options) },
          loss: (scope, batch) => attentionStepLoss(scope, batch, networks),
        },
      ],
    };
  },
};

const sizeOf = ({ width, height }: S2rOptions) => ({ width, height });

/** Source: S2R-DepthNet, section 4.1: Adam, half the rate every 10 of 60 epochs. */
function depthTraining({ learningRate, weightDecay }: S2rOptions) {
  return { optimizer: { kind: 'adam', weightDecay } as const, learningRate: halving(learningRate, 6) };
}

/** Half the rate after every so many parts of a phase. */
function halving(peak: number, parts: number) {
  return ({ phaseStep, phaseSteps }: Progress) => peak * 0.5 ** Math.floor((parts * phaseStep) / phaseSteps);
}
