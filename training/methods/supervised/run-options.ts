import { z } from 'zod';
import { encoderOriginSchema } from '../../../models/manifest.js';
import { TrainingError } from '../../errors.js';
import type { OptionNames } from '../../runs/compare-options.js';

/** Everything that decides the outcome of a supervised run; kept in the run's folder, so that a run can be resumed. */
const runOptionsSchema = z
  .strictObject({
    /** Simulator domain, or several as `parseDomainMix` reads them. */
    domain: z.string(),
    /** Name of the run whose weights this one started from. */
    parent: z.string().optional(),
    /** Published weights that the encoder started from. */
    encoder: encoderOriginSchema.optional(),
    seed: z.number().int(),
    /** Rendered samples, the last `validation` of which are held out. */
    samples: z.number().int().positive(),
    validation: z.number().int().positive(),
    sampleWidth: z.number().int().positive(),
    sampleHeight: z.number().int().positive(),
    batchSize: z.number().int().positive(),
    /** Batches whose gradients are averaged for one step; 1 where left out. */
    accumulate: z.number().int().positive().optional(),
    /** Trained one after another; the network is fully convolutional, its depth is tied to the canonical focal length. */
    stages: z
      .array(
        z.strictObject({
          width: z.number().int().positive().multipleOf(32),
          height: z.number().int().positive().multipleOf(32),
          steps: z.number().int().positive(),
          /** A second shape, which every fourth batch has. */
          second: z
            .strictObject({
              width: z.number().int().positive().multipleOf(32),
              height: z.number().int().positive().multipleOf(32),
            })
            .optional(),
        }),
      )
      .min(1),
    learningRate: z.number().positive(),
    /** Of the encoder, as a share of the others'; 1 where left out. */
    encoderRate: z.number().nonnegative().optional(),
    weightDecay: z.number().nonnegative(),
    segmentationWeight: z.number().nonnegative(),
    preset: z.enum(['compact', 'narrow', 'paper', 'efficient', 'efficient-1', 'efficient-2']),
    /** Random changes of colour; `strong` where left out, `scene` with drawn light and weather too, `sgdepth` for those of its paper, `none` for none. */
    augmentation: z.enum(['strong', 'scene', 'sgdepth', 'none']).optional(),
    /** Half precision for convolutions; single where left out. */
    compute: z.literal('mixed').optional(),
  })
  .refine(({ samples, validation }) => validation < samples, {
    path: ['validation'],
    message: 'expected fewer held-out samples than `samples`, so that some are left to train on',
  });

export type RunOptions = z.infer<typeof runOptionsSchema>;
export type Stage = RunOptions['stages'][number];

/** How a run's options are called on the command line. */
export const RUN_OPTION_NAMES: OptionNames<RunOptions> = {
  flags: {
    parent: '--from',
    encoder: '--init-encoder',
    sampleWidth: '--sample-size',
    sampleHeight: '--sample-size',
    batchSize: '--batch',
  },
  defaults: { accumulate: 1, augmentation: 'strong', encoderRate: 1 },
};

/** @throws TrainingError naming what is wrong. */
export function parseRunOptions(value: unknown, source: string): RunOptions {
  const result = runOptionsSchema.safeParse(value);
  if (result.success) return result.data;
  throw new TrainingError(`${source}: ${z.prettifyError(result.error)}`);
}

/** `320x96+224x128:4000,640x192:500`: WIDTHxHEIGHT[+SECOND]:STEPS. @throws TrainingError when it reads otherwise. */
export function parseStages(text: string): Stage[] {
  return text.split(',').map((part) => {
    const match = /^(\d+)x(\d+)(?:\+(\d+)x(\d+))?:(\d+)$/.exec(part.trim());
    if (match === null) {
      throw new TrainingError(
        `expected stages as \`WIDTHxHEIGHT[+WIDTHxHEIGHT]:STEPS,...\`, got \`${part}\``,
      );
    }
    const [width = 0, height = 0, secondWidth = 0, secondHeight = 0, steps = 0] = match.slice(1).map(Number);
    const second = match[3] === undefined ? {} : { second: { width: secondWidth, height: secondHeight } };
    return { width, height, steps, ...second };
  });
}

/** The command that makes this run. */
export function commandOf(options: RunOptions): string {
  const stages = options.stages.map(({ width, height, second, steps }) => {
    const other = second === undefined ? '' : `+${second.width}x${second.height}`;
    return `${width}x${height}${other}:${steps}`;
  });
  return [
    `rxdepth train --out RUN${options.parent === undefined ? '' : ` --from ${options.parent}`}${options.encoder === undefined ? '' : ` --init-encoder ${options.encoder.file}`}`,
    `--preset ${options.preset} --domain ${options.domain} --seed ${options.seed}`,
    `--samples ${options.samples} --validation ${options.validation}`,
    `--sample-size ${options.sampleWidth}x${options.sampleHeight} --batch ${options.batchSize}${options.accumulate === undefined ? '' : ` --accumulate ${options.accumulate}`}`,
    `--stages ${stages.join(',')}`,
    `--learning-rate ${options.learningRate}${options.encoderRate === undefined ? '' : ` --encoder-rate ${options.encoderRate}`} --weight-decay ${options.weightDecay}`,
    `--segmentation-weight ${options.segmentationWeight}`,
    ...(options.augmentation === undefined ? [] : [`--augmentation ${options.augmentation}`]),
    ...(options.compute === undefined ? [] : [`--compute ${options.compute}`]),
  ].join(' ');
}

export function totalSteps(options: RunOptions): number {
  return options.stages.reduce((sum, stage) => sum + stage.steps, 0);
}

/** The stage that the weights after `step` steps were last trained at. */
export function stageOf(options: RunOptions, step: number): Stage {
  let end = 0;
  for (const stage of options.stages) {
    end += stage.steps;
    if (step <= end) return stage;
  }
  return options.stages[options.stages.length - 1] as Stage; // there is at least one
}

/**
 * Focal length at which the network's depth is metric, in pixels of a stage: 0.58 of the width, that of KITTI's camera,
 * so that all stages agree on the depth of a picture that is merely resized.
 */
export function canonicalFocalPixels(width: number): number {
  return 0.58 * width;
}
