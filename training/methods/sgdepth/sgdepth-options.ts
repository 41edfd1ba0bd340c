import { z } from 'zod';
import { TrainingError } from '../../errors.js';
import { FAST_TRANSLATION, type PoseNetworkOptions, UNSCALED_POSE } from '../../networks/pose-network.js';
import { DROPPED_RATE, lengthOption, sizeOptions } from '../../runs/length-options.js';
import type { MethodChoices } from '../../runs/method.js';
import { option } from '../../runs/option.js';
import { DATA_SEED, RUN_OPTIONS } from '../../runs/run-options.js';
import type { MaskSchedule } from './mask-schedule.js';
import type { SgdepthOptions } from './sgdepth-loss.js';
import {
  COMPACT_SGDEPTH,
  EFFICIENT_SGDEPTH,
  NARROW_SGDEPTH,
  PAPER_RESNET50_SGDEPTH,
  PAPER_SGDEPTH,
} from './sgdepth-presets.js';

const NETWORKS = {
  compact: COMPACT_SGDEPTH,
  narrow: NARROW_SGDEPTH,
  paper: PAPER_SGDEPTH,
  'paper-resnet50': PAPER_RESNET50_SGDEPTH,
  'paper-code': PAPER_SGDEPTH,
  efficient: EFFICIENT_SGDEPTH,
};

export const SGDEPTH_RUN_OPTIONS = z.strictObject({
  preset: option(
    z.enum(['compact', 'narrow', 'paper', 'paper-resnet50', 'paper-code', 'efficient']).default('compact'),
    {
      help: 'networks: `compact` (CPU), `narrow` (half of it), `paper` (ResNet-18), `paper-resnet50`, `paper-code` (as its published code differs), or `efficient` (EfficientNet-Lite0, for --init-encoder)',
    },
  ),
  /** Triplets without labels, as `parseDataSpec` reads it. */
  target: option(z.string(), {
    argument: 'data',
    help: 'frames to learn depth from: simulator:DOMAIN[+DOMAIN][?drives=N&frames=N&rate=HZ&validation=N], bag:PATH[?image=TOPIC&camera_info=TOPIC&spacing=N&validation=N] or kitti-raw:ROOT[?split=FILE&validation=N]',
  }),
  source: option(z.string().optional(), {
    argument: 'data',
    help: 'labelled images: simulator:DOMAIN[?samples=N], cityscapes:ROOT[?subset=SET] (default: train) or kitti-2015:ROOT; without them depth alone is trained',
  }),
  ...sizeOptions({
    otherwise: '640x192 for paper, else 256x96',
    also: '; the paper also has 416x128 and 1280x384',
  }),
  dataSeed: DATA_SEED,
  length: lengthOption({
    otherwise: '4000; presets of the paper: 40 epochs',
    passes: "the target's triplets",
  }),
  targetBatch: option(z.number().int().positive(), {
    ...{ flag: 'batch', help: 'triplets a batch', otherwise: '6 for paper, 12 without --source; else 4' },
  }),
  sourceBatch: option(z.number().int().positive(), {
    ...{ help: 'labelled images a step', otherwise: 'as --batch' },
  }),
  learningRate: DROPPED_RATE,
  /** lambda of eq. 6; `null` adds both gradients unscaled. */
  segmentationGradient: option(z.number().min(0).max(1).nullable().default(0.1), {
    ...{ flag: 'gradient-share', argument: 'x|sum' },
    help: "share of the segmentation's gradient in the encoder (lambda of eq. 6); `sum` adds both unscaled",
    parse: (text) => (text === 'sum' ? null : Number(text)),
    format: (share: number | null) => String(share ?? 'sum'),
  }),
  /** Which images are trained without mask: all, none, a constant fraction, or by the paper's schedule. */
  masking: option(
    z.union([z.enum(['none', 'all', 'scheduled']), z.number().min(0).max(1)]).default('scheduled'),
    {
      argument: 'how',
      help: 'images trained without mask: `none` are masked, `all` are, a fraction (0..1) is not, or `scheduled` (paper)',
      parse: maskingOf,
    },
  ),
  autoMask: option(z.boolean().default(true), {
    help: 'unwarped frames do not compete with the warped ones',
  }),
  overlap: option(z.enum(['mean', 'joint']).default('mean'), {
    help: "Lambda over both neighbours: `mean` (paper) or `joint` (the authors' code)",
  }),
  /** Most of the gradients' global norm; `null` leaves them as they are. */
  clipNorm: option(z.number().positive().nullable().default(10), {
    argument: 'x|off',
    help: "gradients are scaled down to this norm together; `off` leaves them (paper, the authors' code)",
    otherwise: 'off for presets of the paper, else 10',
    parse: (text) => (text === 'off' ? null : Number(text)),
    format: (norm: number | null) => String(norm ?? 'off'),
  }),
  crossEntropy: option(z.enum(['labelled', 'all', 'weights']).default('labelled'), {
    help: "what the segmentation's loss is averaged over: `labelled` pixels with weights of mean 1, `all` pixels (eq. 5 to the letter), or class `weights` (PyTorch, the authors' code)",
    otherwise: 'all for presets of the paper, weights for paper-code, else labelled',
  }),
  disparityBias: option(z.number().default(0), {
    help: 'what the bias of the disparity heads starts from: 5 in the code, where depth begins near its least',
    otherwise: '5 for presets of the paper, else 0',
  }),
  firstConvolution: option(z.enum(['own', 'shared']).default('own'), {
    help: "first convolution of the decoders: each its `own` (paper) or `shared` (the authors' code)",
    otherwise: 'shared for paper-code, else own',
  }),
  poseOutput: option(z.enum(['scaled', 'translation', 'unscaled']).optional(), {
    help: "the pose network's output: `scaled` by 0.01 (paper), `translation` learned 30 times as fast, or `unscaled` (the authors' code)",
    otherwise: 'scaled for presets of the paper, unscaled for paper-code, else translation',
  }),
  colorChange: option(z.enum(['matrix', 'jitter']).default('matrix'), {
    help: "brightness, contrast, saturation and hue: all at once in every picture (`matrix`), or half of the time in random order (`jitter`, the authors' code)",
    otherwise: 'jitter for presets of the paper, else matrix',
  }),
  ...RUN_OPTIONS,
});

export type SgdepthRunOptions = z.infer<typeof SGDEPTH_RUN_OPTIONS>;

function maskingOf(text: string): string | number {
  if (text === 'none' || text === 'all' || text === 'scheduled') return text;
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new TrainingError(`expected \`none\`, \`all\`, \`scheduled\` or a fraction in 0..1, got \`${text}\``);
}

/** What the paper says; where it is silent, what its published code does. */
const PAPER = {
  width: 640,
  height: 192,
  learningRate: 1e-4,
  length: { epochs: 40 },
  clipNorm: null,
  crossEntropy: 'all',
  disparityBias: 5,
  colorChange: 'jitter',
} as const satisfies Partial<SgdepthRunOptions>;
/** What the code does. Source: the authors' public repository ifnspaml/SGDepth (facts). */
const PAPER_CODE = {
  ...PAPER,
  crossEntropy: 'weights',
  firstConvolution: 'shared',
  poseOutput: 'unscaled',
  overlap: 'joint',
} as const satisfies Partial<SgdepthRunOptions>;
const CPU = { width: 256, height: 96, learningRate: 1e-3, length: { steps: 4000 } } as const;

/** What goes with the networks of a preset. */
export const SGDEPTH_PRESETS = {
  compact: CPU,
  narrow: CPU,
  paper: PAPER,
  'paper-resnet50': PAPER,
  'paper-code': PAPER_CODE,
  efficient: CPU,
} as const satisfies Readonly<Record<SgdepthRunOptions['preset'], Partial<SgdepthRunOptions>>>;

/** Batches: the paper's six and six, or twelve triplets where depth alone is trained. */
export function sgdepthDefaults(given: Partial<SgdepthRunOptions>): Partial<SgdepthRunOptions> {
  const isPaper = given.preset?.startsWith('paper') === true;
  const targetBatch = given.targetBatch ?? (isPaper ? (given.source === undefined ? 12 : 6) : 4);
  return { targetBatch, sourceBatch: targetBatch };
}

/** The losses and networks that a run trains. @param classWeights of the source data; left out: depth alone. */
export function methodOf(options: SgdepthRunOptions, classWeights?: readonly number[]): SgdepthOptions {
  const preset = NETWORKS[options.preset];
  const { segmentationGradient: _preset, ...presetNetwork } = preset.network;
  const network = {
    ...presetNetwork,
    disparityBias: options.disparityBias,
    ...(options.firstConvolution === 'shared' && { sharedFirstConvolution: true }),
  };
  return {
    ...preset,
    network:
      options.segmentationGradient === null || classWeights === undefined
        ? network
        : { ...network, segmentationGradient: options.segmentationGradient },
    pose: poseOf(preset.pose, options.poseOutput),
    autoMask: options.autoMask,
    overlap: options.overlap,
    crossEntropy: options.crossEntropy,
    ...(classWeights === undefined ? {} : { classWeights }),
  };
}

function poseOf(preset: PoseNetworkOptions, output: SgdepthRunOptions['poseOutput']): PoseNetworkOptions {
  if (output === undefined) return preset;
  const { encoder, channels } = preset;
  if (output === 'scaled') return { encoder, channels };
  return {
    ...{ encoder, channels },
    ...(output === 'unscaled' ? UNSCALED_POSE : { translationScale: FAST_TRANSLATION }),
  };
}

/** When images are trained without mask; `undefined`: nothing is ever masked. */
export function scheduleOf(
  options: SgdepthRunOptions,
  steps: number,
  batchesPerEpoch: number,
): MaskSchedule | undefined {
  const epochs = Math.max(1, Math.ceil((steps * options.accumulate) / batchesPerEpoch));
  const { masking } = options;
  if (masking === 'none' || !isMasking(options)) return undefined;
  if (masking === 'all') return { epochs, maskedEpochs: epochs };
  if (masking === 'scheduled')
    return { epochs, maskedEpochs: Math.max(1, Math.min(epochs - 1, Math.round(0.75 * epochs))) };
  return { epochs, maskedEpochs: 0, constantFraction: masking };
}

/** Whether images may be masked. */
export function isMasking({ masking, source }: Pick<SgdepthRunOptions, 'masking' | 'source'>): boolean {
  return masking !== 'none' && source !== undefined;
}

/** What can be said of a run. */
export const SGDEPTH_CHOICES: MethodChoices<SgdepthRunOptions> = {
  options: SGDEPTH_RUN_OPTIONS,
  presets: SGDEPTH_PRESETS,
  defaults: sgdepthDefaults,
};
