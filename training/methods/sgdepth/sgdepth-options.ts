import { z } from 'zod';
import { encoderOriginSchema } from '../../../models/manifest.js';
import { TrainingError } from '../../errors.js';
import type { OptionNames } from '../../runs/compare-options.js';
import { NETWORK_PARTS } from '../../runs/starting-weights.js';
import type { MaskSchedule } from './mask-schedule.js';
import type { SgdepthOptions } from './sgdepth.js';
import {
  COMPACT_SGDEPTH,
  EFFICIENT_SGDEPTH,
  NARROW_SGDEPTH,
  PAPER_RESNET50_SGDEPTH,
  PAPER_SGDEPTH,
} from './sgdepth-presets.js';

export const SGDEPTH_PRESETS = {
  compact: COMPACT_SGDEPTH,
  narrow: NARROW_SGDEPTH,
  paper: PAPER_SGDEPTH,
  'paper-resnet50': PAPER_RESNET50_SGDEPTH,
  efficient: EFFICIENT_SGDEPTH,
};

const side = z.number().int().positive().multipleOf(32);

/** Everything that decides the outcome of a run of SGDepth; kept in the run's folder, so that a run can be resumed. */
const sgdepthRunOptionsSchema = z.strictObject({
  preset: z.enum(['compact', 'narrow', 'paper', 'paper-resnet50', 'efficient']),
  width: side,
  height: side,
  /** Triplets without labels, as `parseDataSpec` reads it. */
  target: z.string(),
  /** Labelled images; left out: depth alone is trained. */
  source: z.string().optional(),
  /** Model folder or checkpoint whose weights the run started from, by name. */
  parent: z.string().optional(),
  /** The parts of the networks that were taken from there; all that fit where left out. */
  parentParts: z.array(z.enum(NETWORK_PARTS)).min(1).optional(),
  /** Published weights that the encoder started from. */
  encoder: encoderOriginSchema.optional(),
  /** Of weights, order and augmentation. */
  seed: z.number().int().nonnegative(),
  /** Of rendered data. */
  dataSeed: z.number().int().nonnegative(),
  /** How long: so many steps, passes over the target's triplets, or what a measurement at the start finds room for. */
  length: z.union([
    z.strictObject({ steps: z.number().int().positive() }),
    z.strictObject({ epochs: z.number().positive() }),
    z.strictObject({ minutes: z.number().positive() }),
  ]),
  targetBatch: z.number().int().positive(),
  sourceBatch: z.number().int().positive(),
  /** Batches whose gradients are averaged for one step; 1 where left out. */
  accumulate: z.number().int().positive().optional(),
  learningRate: z.number().positive(),
  /** lambda of eq. 6; `null` adds both gradients unscaled. */
  segmentationGradient: z.number().min(0).max(1).nullable(),
  /** Which images are trained without mask: all, none, a constant fraction, or by the paper's schedule. */
  masking: z.union([z.enum(['none', 'all', 'scheduled']), z.number().min(0).max(1)]),
  autoMask: z.boolean(),
  overlap: z.enum(['mean', 'joint']),
  /** Half precision for convolutions; single where left out. */
  compute: z.literal('mixed').optional(),
});

export type SgdepthRunOptions = z.infer<typeof sgdepthRunOptionsSchema>;

/** How a run's options are called on the command line. */
export const SGDEPTH_OPTION_NAMES: OptionNames<SgdepthRunOptions> = {
  flags: {
    ...{ width: '--size', height: '--size', parent: '--init', parentParts: '--init-parts' },
    encoder: '--init-encoder',
    ...{ length: '--steps, --epochs or --minutes', targetBatch: '--batch' },
    ...{ segmentationGradient: '--gradient-share', autoMask: '--auto-mask' },
  },
  defaults: { accumulate: 1, parentParts: [...NETWORK_PARTS] },
};

/** @throws TrainingError naming what is wrong. */
export function parseSgdepthRunOptions(value: unknown, source: string): SgdepthRunOptions {
  const result = sgdepthRunOptionsSchema.safeParse(value);
  if (result.success) return result.data;
  throw new TrainingError(`${source}: ${z.prettifyError(result.error)}`);
}

/** The method that a run trains. @param classWeights of the source data; left out: depth alone. */
export function methodOf(options: SgdepthRunOptions, classWeights?: readonly number[]): SgdepthOptions {
  const preset = SGDEPTH_PRESETS[options.preset];
  const { segmentationGradient: _preset, ...network } = preset.network;
  return {
    ...preset,
    network:
      options.segmentationGradient === null || classWeights === undefined
        ? network
        : { ...network, segmentationGradient: options.segmentationGradient },
    autoMask: options.autoMask,
    overlap: options.overlap,
    ...(classWeights === undefined ? {} : { classWeights }),
  };
}

/** When images are trained without mask; `undefined`: nothing is ever masked. */
export function scheduleOf(
  options: SgdepthRunOptions,
  steps: number,
  batchesPerEpoch: number,
): MaskSchedule | undefined {
  const epochs = Math.max(1, Math.ceil((steps * (options.accumulate ?? 1)) / batchesPerEpoch));
  const { masking } = options;
  if (masking === 'none' || !isMasking(options)) return undefined;
  if (masking === 'all') return { epochs, maskedEpochs: epochs };
  if (masking === 'scheduled')
    return { epochs, maskedEpochs: Math.max(1, Math.min(epochs - 1, Math.round(0.75 * epochs))) };
  return { epochs, maskedEpochs: 0, constantFraction: masking };
}

/** Whether images may be masked. */
export function isMasking({ masking, source }: SgdepthRunOptions): boolean {
  return masking !== 'none' && source !== undefined;
}

/** The command that makes this run. */
export function sgdepthCommand(options: SgdepthRunOptions): string {
  const [length] = Object.entries(options.length);
  const flags: readonly (readonly [string, unknown])[] = [
    ['output', 'RUN'],
    ['target', quoted(options.target)],
    ['source', options.source === undefined ? undefined : quoted(options.source)],
    ['preset', options.preset],
    ['size', `${options.width}x${options.height}`],
    ['init', options.parent],
    ['init-parts', options.parentParts],
    ['init-encoder', options.encoder?.file],
    ['seed', options.seed],
    ['data-seed', options.dataSeed],
    length ?? ['steps', undefined],
    ['batch', options.targetBatch],
    ['source-batch', options.sourceBatch],
    ['accumulate', options.accumulate],
    ['learning-rate', options.learningRate],
    ['gradient-share', options.segmentationGradient ?? 'sum'],
    ['masking', options.masking],
    ['overlap', options.overlap],
    ['compute', options.compute],
  ];
  const given = flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]));
  return ['rxdepth train sgdepth', ...given, ...(options.autoMask ? [] : ['--no-auto-mask'])].join(' ');
}

/** As a shell needs it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
