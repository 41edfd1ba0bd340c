import { z } from 'zod';
import { type EncoderOrigin, encoderOriginSchema } from '../../models/manifest.js';
import { option } from './option.js';

/** Options that every method has; spread them into its schema. */
export const RUN_OPTIONS = {
  seed: option(z.number().int().nonnegative().default(1), {
    help: 'seed of weights, order and augmentation',
  }),
  accumulate: option(z.number().int().positive().default(1), {
    help: 'batches a step: their gradients are averaged',
  }),
  /** Name of the run or model whose weights this one started from. */
  parent: z.string().optional(),
  /** The networks that were taken from there; all that fit where left out. */
  parentParts: z.array(z.string()).min(1).optional(),
  /** Published weights that the encoder started from. */
  encoder: encoderOriginSchema.optional(),
  /** Half precision for convolutions. */
  compute: z.enum(['single', 'mixed']).default('single'),
};

/** Option of a method whose data may be drawn by the simulator. */
export const DATA_SEED = option(z.number().int().nonnegative().default(1), { help: 'seed of rendered data' });

/** What runs need to know of any method's options. */
export interface RunOptions {
  readonly preset: string;
  readonly seed: number;
  readonly accumulate: number;
  readonly parent?: string | undefined;
  readonly parentParts?: readonly string[] | undefined;
  readonly encoder?: EncoderOrigin | undefined;
  readonly compute: 'single' | 'mixed';
}
