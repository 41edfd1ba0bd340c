import { z } from 'zod';
import { TrainingError } from '../../errors.js';
import type { DadaNetworkOptions, DadaTrunk } from '../../networks/dada-network.js';
import type { MethodChoices } from '../../runs/method.js';
import { option } from '../../runs/option.js';
import { DATA_SEED, RUN_OPTIONS } from '../../runs/run-options.js';
import { sizeOptions } from '../../runs/size-options.js';

/** What is aligned between the domains: nothing, AdvEnt's surprisal, depth, each by a discriminator of its own, or their product. */
export const ADAPTATIONS = ['none', 'surprisal', 'depth', 'both', 'fused'] as const;

const side = z.number().int().positive().multipleOf(8);

export const DADA_OPTIONS = z
  .strictObject({
    preset: option(z.enum(['compact', 'narrow', 'paper', 'paper-320']).default('compact'), {
      help: 'network: `compact` (EfficientNet-Lite0, for --init-encoder; CPU), `narrow` (half a ResNet-18), `paper` (DeepLab-v2 on ResNet-101), `paper-320` (the same at 640x320)',
    }),
    source: option(z.string().default('simulator:town-clean?samples=2000'), {
      argument: 'data',
      help: 'labelled images with depth: simulator:DOMAIN[?samples=N] or synthia:ROOT',
    }),
    target: option(z.string(), {
      argument: 'data',
      help: 'pictures of the target domain, whose labels, where there are any, are only measured with: bag:PATH, pictures:FOLDER, simulator:DOMAIN[?samples=N], cityscapes:ROOT, vistas:ROOT, camvid:ROOT, kitti-raw:ROOT; all with ?validation=N',
    }),
    /** Which classes are told apart. */
    classes: option(z.enum(['19', '16', '13', '7']), {
      help: 'class set: 19, 16 or 13 classes of Cityscapes, or its 7 categories',
      otherwise: '16 for paper, 7 for paper-320, else 19',
    }),
    ...sizeOptions(side, ['width', 'height'], {
      ...{ flag: 'size', help: 'size of the target pictures' },
      otherwise: '1024x512 for paper, 640x320 for paper-320, else 320x96',
    }),
    ...sizeOptions(side, ['sourceWidth', 'sourceHeight'], {
      ...{ flag: 'source-size', help: 'size of the source pictures' },
      otherwise: '1280x760 for paper, else as --size',
    }),
    sourceShare: option(z.number().positive().max(1).default(1), {
      help: 'share of the source images that is used (table 4: 0.1, 0.3, 0.5, 0.7, 1)',
    }),
    /** Rows S1 to S7 of table 3 are made of these two. */
    adaptation: option(z.enum(ADAPTATIONS).default('fused'), {
      help: 'what is aligned: `none`, `surprisal` (AdvEnt), `depth`, `both` (separately), or `fused` (DADA)',
    }),
    featureFusion: option(z.boolean().default(true), {
      help: 'features are not multiplied by what the depth is made of',
    }),
    dataSeed: DATA_SEED,
    steps: option(z.number().int().positive(), {
      help: 'training steps, of one source and one target image each',
      otherwise: '90000 for the presets of the paper, else 4000',
    }),
    learningRate: option(z.number().positive(), {
      help: 'of the trunk; new layers learn ten times as fast',
      otherwise: '2.5e-4 for the presets of the paper, else 1e-3',
    }),
    discriminatorRate: option(z.number().positive().default(1e-4), {
      help: "the discriminators' learning rate",
      otherwise: '1e-4 for the presets of the paper, else 1e-3',
    }),
    weightDecay: option(z.number().nonnegative().default(1e-4), {
      help: "weight decay (5e-4 in the authors' code)",
    }),
    depthWeight: option(z.number().nonnegative(), {
      help: 'weight of the depth loss',
      otherwise: '1e-3 for the presets of the paper, else 0.1',
    }),
    adversarialWeight: option(z.number().nonnegative().default(1e-3), {
      help: 'weight of the adversarial loss',
    }),
    ...RUN_OPTIONS,
  })
  .superRefine(({ width, height, sourceWidth, sourceHeight }, { addIssue }) => {
    const message =
      'expected multiples of 8, at least `64x64`: the discriminator halves its input five times';
    if (Math.min(width, height) < 64)
      addIssue({ code: 'custom', path: ['width'], message: `${message}, got ${width}x${height}` });
    if (Math.min(sourceWidth, sourceHeight) < 64)
      addIssue({
        ...{ code: 'custom', path: ['sourceWidth'] },
        message: `${message}, got ${sourceWidth}x${sourceHeight}`,
      });
  });

export type DadaOptions = z.infer<typeof DADA_OPTIONS>;

const PAPER = {
  ...{ classes: '16' as const, width: 1024, height: 512, sourceWidth: 1280, sourceHeight: 760 },
  ...{ steps: 90_000, learningRate: 2.5e-4, depthWeight: 1e-3 },
} as const;
const CPU = {
  ...{ classes: '19' as const, width: 320, height: 96, steps: 4000, learningRate: 1e-3, depthWeight: 0.1 },
  // At the paper's rate a discriminator of a short training learns nothing.
  discriminatorRate: 1e-3,
} as const;

export const DADA_PRESETS = {
  compact: CPU,
  narrow: CPU,
  paper: PAPER,
  'paper-320': { ...PAPER, classes: '7', width: 640, height: 320, sourceWidth: 640, sourceHeight: 320 },
} as const satisfies Readonly<Record<DadaOptions['preset'], Partial<DadaOptions>>>;

/** Sizes of the source, which are those of the target unless they are given. */
export function dadaDefaults({ width, height }: Partial<DadaOptions>): Partial<DadaOptions> {
  return {
    ...(width !== undefined && { sourceWidth: width }),
    ...(height !== undefined && { sourceHeight: height }),
  };
}

const isPaper = ({ preset }: Pick<DadaOptions, 'preset'>) => preset.startsWith('paper');

const TRUNKS: Readonly<Record<DadaOptions['preset'], DadaTrunk>> = {
  compact: { kind: 'efficientnet-lite0', channels: 256 },
  narrow: { kind: 'resnet18', widths: [16, 16, 32, 64, 96], channels: 64 },
  // The strides of torchvision's weights, which --init-encoder reads.
  paper: { kind: 'resnet101', strideIn: '3x3' },
  'paper-320': { kind: 'resnet101', strideIn: '3x3' },
};

/** Dilations of DeepLab-v2, and a third of them for pictures of a third of the size. */
const RATES = { paper: [6, 12, 18, 24], compact: [2, 4, 6, 8] } as const;

/** What the authors' code has for 1 / depth: 65536 / centimetres. */
const AUTHORS_UNIT = 655.36;

/** Whether depth is supervised on the source: the rows S1 and S2 of table 3 do without. */
export function usesDepth({
  adaptation,
  featureFusion,
}: Pick<DadaOptions, 'adaptation' | 'featureFusion'>): boolean {
  return featureFusion || adaptation === 'depth' || adaptation === 'both' || adaptation === 'fused';
}

/** The network that the options ask for: the paper's, or the compact one. */
export function networkOf(options: DadaOptions): DadaNetworkOptions {
  const { preset, classes, featureFusion } = options;
  return {
    ...{ trunk: TRUNKS[preset], classes: Number(classes), featureFusion, depth: usesDepth(options) },
    ...(isPaper(options)
      ? { rates: RATES.paper, depthScale: AUTHORS_UNIT, outputScale: 0 }
      : {
          rates: RATES.compact,
          depthScale: 10,
          outputScale: 1,
          fusionBias: 1,
          depthInitializer: { kind: 'xavierNormal' },
        }),
  };
}

/** Depths that the source teaches, metres: SYNTHIA's 16 bits of centimetres end at 655. */
export function rangeOf(options: DadaOptions): { readonly minMeters: number; readonly maxMeters: number } {
  return isPaper(options) ? { minMeters: 0.5, maxMeters: 655.35 } : { minMeters: 0.5, maxMeters: 100 };
}

/** @throws TrainingError for a share of the source that leaves no image. */
export function sharedCount(count: number, share: number): number {
  const kept = Math.round(count * share);
  if (kept >= 1) return kept;
  throw new TrainingError(
    `--source-share ${share}: expected at least one of ${count} source images to be left`,
    { field: '--source-share' },
  );
}

/** What can be said of a run. */
export const DADA_CHOICES: MethodChoices<DadaOptions> = {
  options: DADA_OPTIONS,
  presets: DADA_PRESETS,
  defaults: dadaDefaults,
};
