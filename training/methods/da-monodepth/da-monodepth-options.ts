import { z } from 'zod';
import {
  COMPACT_DA_MONODEPTH,
  type DaMonodepthNetworkOptions,
  EFFICIENT_DA_MONODEPTH,
  NARROW_DA_MONODEPTH,
  PAPER_DA_MONODEPTH,
} from '../../networks/da-monodepth-network.js';
import { DROPPED_RATE, lengthOption, sizeOptions } from '../../runs/length-options.js';
import type { MethodChoices } from '../../runs/method.js';
import { option } from '../../runs/option.js';
import { DATA_SEED, RUN_OPTIONS } from '../../runs/run-options.js';
import type { DaMonodepthLossOptions } from './da-monodepth-loss.js';

const NETWORKS = {
  compact: COMPACT_DA_MONODEPTH,
  narrow: NARROW_DA_MONODEPTH,
  paper: PAPER_DA_MONODEPTH,
  efficient: EFFICIENT_DA_MONODEPTH,
} as const satisfies Readonly<Record<string, DaMonodepthNetworkOptions>>;

const weight = z.number().nonnegative();

export const DA_MONODEPTH_OPTIONS = z.strictObject({
  preset: option(z.enum(['compact', 'narrow', 'paper', 'efficient']).default('compact'), {
    help: 'networks: `compact` (CPU), `narrow` (half of it), `paper` (ResNet-18), or `efficient` (EfficientNet-Lite0); the last two for --init-encoder',
  }),
  source: option(z.string(), {
    argument: 'data',
    help: 'labelled images with depth: simulator:DOMAIN[?samples=N], virtual-kitti:ROOT, cityscapes:ROOT (disparity), kitti-raw:ROOT or kitti-2015:ROOT, these with [?validation=N]',
  }),
  target: option(z.string(), {
    argument: 'data',
    help: 'images without labels: simulator:DOMAIN[?samples=N], bag:PATH[?image=TOPIC&every=N], pictures:FOLDER, kitti-raw:ROOT[?split=FILE] or another data set, all with [?validation=N]',
  }),
  ...sizeOptions({ otherwise: '640x192 for paper, else 256x96' }),
  dataSeed: DATA_SEED,
  length: lengthOption({
    otherwise: '4000; preset of the paper: 20 epochs',
    passes: "the source's images",
  }),
  sourceBatch: option(z.number().int().positive(), {
    ...{ flag: 'batch', help: 'source images a batch', otherwise: '6 for paper, else 4' },
  }),
  targetBatch: option(z.number().int().positive(), {
    ...{ help: 'target images a batch', otherwise: 'as --batch' },
  }),
  learningRate: DROPPED_RATE,
  segmentation: option(z.boolean().default(true), { help: 'no semantic decoder: depth alone is learned' }),
  targetImages: option(z.boolean().default(true), {
    help: 'no domain classifier: target images are measured, but not learned from',
  }),
  l1Share: option(z.number().min(0).max(1).default(0.85), {
    help: 'lambda_1 of eq. 4: share of L1 beside the structural difference',
  }),
  smoothnessWeight: option(weight.default(1e-3), { help: 'lambda_2 of eq. 4' }),
  depthWeight: option(weight.default(1), { help: 'lambda_depth of eq. 6' }),
  segmentationWeight: option(weight.default(0.1), { help: 'lambda_seg of eq. 6' }),
  adversarialWeight: option(weight.default(0.1), { help: 'lambda_adv of eq. 6' }),
  reversal: option(z.enum(['rising', 'constant']).default('rising'), {
    help: "strength of the gradient reversal: `rising` from 0 to 1 over the training (the reversal's authors), or `constant`",
  }),
  ...RUN_OPTIONS,
});

export type DaMonodepthOptions = z.infer<typeof DA_MONODEPTH_OPTIONS>;

const CPU = { width: 256, height: 96, learningRate: 1e-3, length: { steps: 4000 } } as const;

/** What goes with the networks of a preset. Source of the paper's: sections 4.1 and 4.2, table 5; Monodepth2's learning rate. */
export const DA_MONODEPTH_PRESETS = {
  compact: CPU,
  narrow: CPU,
  paper: { width: 640, height: 192, learningRate: 1e-4, length: { epochs: 20 } },
  efficient: CPU,
} as const satisfies Readonly<Record<DaMonodepthOptions['preset'], Partial<DaMonodepthOptions>>>;

/** As many target images as source images; Monodepth2's twelve together for the paper. */
export function daMonodepthDefaults(given: Partial<DaMonodepthOptions>): Partial<DaMonodepthOptions> {
  const sourceBatch = given.sourceBatch ?? (given.preset === 'paper' ? 6 : 4);
  return { sourceBatch, targetBatch: sourceBatch };
}

/** The networks that a run trains. */
export function networkOf({ preset, segmentation }: DaMonodepthOptions): DaMonodepthNetworkOptions {
  return segmentation ? NETWORKS[preset] : { ...NETWORKS[preset], classes: 0 };
}

/** The losses that a run minimises. */
export function lossOptionsOf(options: DaMonodepthOptions): DaMonodepthLossOptions {
  const { l1Share, smoothnessWeight, depthWeight, segmentationWeight, adversarialWeight } = options;
  const weights = { depthWeight, segmentationWeight, adversarialWeight };
  return { network: networkOf(options), l1Share, smoothnessWeight, ...weights };
}

/** What can be said of a run. */
export const DA_MONODEPTH_CHOICES: MethodChoices<DaMonodepthOptions> = {
  options: DA_MONODEPTH_OPTIONS,
  presets: DA_MONODEPTH_PRESETS,
  defaults: daMonodepthDefaults,
};
