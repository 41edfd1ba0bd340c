import { NO_AUGMENTATION, STRONG_AUGMENTATION } from '../../datasets/batches/augmentation.js';
import { LABELLED_NAMES } from '../../datasets/batches/batch.js';
import { canonicalFocalPixels } from '../../datasets/batches/canonical-focal-pixels.js';
import { classSetNamed, labelTableOf, semanticClassesOf } from '../../datasets/classes/class-set-labels.js';
import { prepareDepthSource } from '../../datasets/prepare/prepare-data.js';
import { preparePictures } from '../../datasets/prepare/prepare-pictures.js';
import { dadaOutputs } from '../../networks/dada-network.js';
import { dadaPerception } from '../../networks/dada-perception.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { polySchedule } from '../../optimizers/poly-schedule.js';
import type { Size } from '../../runs/data-role.js';
import { defineMethod, type Update } from '../../runs/method.js';
import { sizedPreparation } from '../../runs/sized-preparation.js';
import { DADA_BATCH } from './dada-batch.js';
import { dadaInspection } from './dada-inspection.js';
import { type DadaLossOptions, dadaLoss, declareDiscriminators, discriminatorLoss } from './dada-loss.js';
import { DADA_CHOICES, type DadaOptions, networkOf, rangeOf, sharedCount } from './dada-options.js';
import { mapState } from './map-state.js';

/** The update of the discriminators. */
const DISCRIMINATOR = 'discriminator';
/** A discriminator that knows nothing: -log 1/2 on the source, and on the target. */
const CHANCE = 2 * Math.log(2);
const FAR_SHARE = 0.85;

/** Of table 4. */
const SOURCE_SHARES = [0.1, 0.3, 0.5, 0.7, 1];

const isPaper = ({ preset }: DadaOptions) => preset.startsWith('paper');

function normalizationOf(options: DadaOptions) {
  return inputNormalization(options.preset === 'compact' ? { encoderDepth: 'efficientnet-lite0' } : {});
}

function lossOptions(options: DadaOptions): DadaLossOptions {
  const { adaptation, depthWeight, adversarialWeight } = options;
  return {
    ...{ network: networkOf(options), adaptation, depthWeight, adversarialWeight },
    filters: isPaper(options) ? 64 : 16,
  };
}

/** The authors' pictures are resized, no more; small networks see more of little data by crops and colours. */
const augmentationOf = (options: DadaOptions, crop: readonly [number, number]) =>
  isPaper(options) ? NO_AUGMENTATION : { ...STRONG_AUGMENTATION, crop };

/** Depth as privileged information: segmentation that follows a target domain without labels. */
export const dada = defineMethod<DadaOptions, typeof DADA_BATCH>({
  name: 'dada',
  summary:
    'Train DADA: segmentation on a labelled source domain with depth, aligned with a target domain without labels by a discriminator of surprisal times depth.',
  ...DADA_CHOICES,
  batch: DADA_BATCH,
  sizes: (options) => {
    const { width, height, sourceWidth, sourceHeight, classes } = options;
    const step = 2 ** networkOf(options).outputScale;
    return {
      ...{ SH: sourceHeight, SW: sourceWidth, Sh: sourceHeight / step, Sw: sourceWidth / step },
      ...{ TH: height, TW: width, Th: height / step, Tw: width / step, C: Number(classes) },
    };
  },
  data: {
    source: {
      ...{ kind: 'labelled', letter: 'S' },
      names: LABELLED_NAMES,
      size: ({ sourceWidth: width, sourceHeight: height }) => ({ width, height }),
      prepare: async (options, preparation) => {
        const { sourceWidth: width, sourceHeight: height, sourceShare } = options;
        const size = stored(options, { width, height });
        const made = await prepareDepthSource(options.source, sizedPreparation(options, preparation, size));
        const { training } = made;
        return { ...made, training: { ...training, count: sharedCount(training.count, sourceShare) } };
      },
      batchSize: () => 1,
      fill: (options, { size, crop }) => ({
        ...{
          targetStep: 2 ** networkOf(options).outputScale,
          ...normalizationOf(options),
          ...rangeOf(options),
        },
        canonicalFocalPixels: canonicalFocalPixels(size.width),
        augmentation: augmentationOf(options, crop),
        labelTable: labelTableOf(classSetNamed(options.classes)),
      }),
    },
    target: {
      ...{ kind: 'pictures', letter: 'T' },
      names: { image: 'targetImage' },
      size: ({ width, height }) => ({ width, height }),
      prepare: (options, preparation) =>
        preparePictures(options.target, sizedPreparation(options, preparation, stored(options, options))),
      batchSize: () => 1,
      fill: (options, { crop }) => ({
        ...normalizationOf(options),
        augmentation: augmentationOf(options, crop),
      }),
    },
  },
  networks: () => ['encoder', 'neck', 'depth', 'segmentation', 'discriminator', 'depth_discriminator'],
  declare: (scope, image, options) => {
    declareDiscriminators(scope, dadaOutputs(scope, image, networkOf(options)), lossOptions(options));
  },
  drawnWarning: (options) =>
    isPaper(options)
      ? '--preset paper needs `--init-encoder RESNET101` or `--init RUN`: its batch normalisation is frozen, so a drawn ResNet-101 grows from layer to layer and the training diverges.'
      : undefined,
  statisticsMomentum: 0,
  metrics: ['segmentation', 'depth', 'adversarial', 'discriminatorSource', 'discriminatorTarget', 'variety'],
  health: ({ adaptation }) => ({
    ...(adaptation !== 'none' && {
      discriminators: { [DISCRIMINATOR]: adaptation === 'both' ? 2 * CHANCE : CHANCE },
      varieties: ['variety'],
    }),
  }),
  phases(options) {
    const { steps, learningRate, discriminatorRate, weightDecay, width, height } = options;
    const used = lossOptions(options);
    const schedule = polySchedule({ peak: learningRate, steps });
    const discriminatorSchedule = polySchedule({ peak: discriminatorRate, steps });
    const networks: Update<typeof DADA_BATCH> = {
      name: 'networks',
      trains: ['encoder', 'neck', 'depth', 'segmentation'],
      reads: ['image', 'disparity', 'weight', 'labels', 'targetImage'],
      loss: (scope, batch) => dadaLoss(scope, batch, used),
      optimizer: {
        ...{ kind: 'sgd', momentum: 0.9, weightDecay },
        // New layers on features of another network's scale: without this the first steps run away.
        ...(isPaper(options) ? {} : { clipNorm: 5 }),
        groups: [
          // Frozen with its statistics.
          { match: /^encoder\..*(bn\d+|downsample\.1)\.(weight|bias)$/, rate: 0 },
          { match: /^(neck|depth|segmentation)\./, rate: 10 },
        ],
      },
      learningRate: ({ step }) => schedule(step),
    };
    const discriminator: Update<typeof DADA_BATCH> = {
      name: DISCRIMINATOR,
      trains: ['discriminator', 'depth_discriminator'],
      reads: mapsOf(options),
      loss: (scope, batch) => discriminatorLoss(scope, batch, used),
      optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.99 },
      learningRate: ({ step }) => discriminatorSchedule(step),
    };
    return [
      {
        length: { steps },
        shapes: [{ width, height }],
        updates: options.adaptation === 'none' ? [networks] : [networks, discriminator],
      },
    ];
  },
  hostFields: mapsOf,
  host: async ({ adaptation }) => (adaptation === 'none' ? [] : [mapState(DISCRIMINATOR)]),
  inspect: (options) =>
    dadaInspection({
      network: networkOf(options),
      normalization: normalizationOf(options),
      set: classSetNamed(options.classes),
    }),
  inference(options) {
    const { mean, std } = normalizationOf(options);
    const network = networkOf(options);
    const { width, height } = options;
    return {
      network: dadaPerception(network, semanticClassesOf(classSetNamed(options.classes))),
      input: {
        ...{ pixels: width * height, multiple: 32, mean: [...mean], std: [...std] },
        // Depth was learned on the source's pictures.
        canonicalFocalPixels: canonicalFocalPixels(options.sourceWidth),
      },
      depth: network.depth
        ? { kind: 'inverse-depth', metric: true, farMeters: FAR_SHARE * rangeOf(options).maxMeters }
        : { kind: 'none', metric: false },
    };
  },
  // Table 3. Source: DADA, section 4.3.
  ablation: {
    S1: { adaptation: 'none', featureFusion: false },
    S2: { adaptation: 'surprisal', featureFusion: false },
    S3: { adaptation: 'surprisal', featureFusion: true },
    S4: { adaptation: 'depth', featureFusion: false },
    S5: { adaptation: 'depth', featureFusion: true },
    S6: { adaptation: 'both', featureFusion: true },
    S7: { adaptation: 'fused', featureFusion: true },
  },
  // Table 4, each from drawn weights: what all others start from has seen the whole source.
  furtherRows: Object.fromEntries(
    SOURCE_SHARES.map((sourceShare) => [`${100 * sourceShare} %`, { sourceShare, parent: undefined }]),
  ),
  ablationSetting: {
    base: {
      ...{ preset: 'narrow', width: 128, height: 64, dataSeed: 1, classes: '16' },
      source: 'simulator:town-clean?samples=400',
      target: 'simulator:town-camera?samples=400&validation=60',
      ...{ steps: 600, learningRate: 2e-3 },
    },
    start: (steps = 1200) => ({ adaptation: 'none', featureFusion: false, steps, learningRate: 4e-3 }),
  },
  provenance: ({ source, target, sourceShare, classes }) => ({
    method: `dada, ${classes} classes`,
    data: `source ${source}${sourceShare === 1 ? '' : ` (${100 * sourceShare} %)`}, target ${target} without labels`,
  }),
});

/** Fields of the batch that the discriminators see. */
function mapsOf({ adaptation }: DadaOptions): string[] {
  return [
    ...(['surprisal', 'both', 'fused'].includes(adaptation) ? ['sourceMap', 'targetMap'] : []),
    ...(['depth', 'both'].includes(adaptation) ? ['sourceDepthMap', 'targetDepthMap'] : []),
  ];
}

/** Pictures are stored larger, for crops out of them; where nothing is cropped, in their own size. */
const MARGIN = 1.25;

function stored(options: DadaOptions, { width, height }: Size): Size {
  const share = isPaper(options) ? 1 / MARGIN : 1;
  return { width: width * share, height: height * share };
}
