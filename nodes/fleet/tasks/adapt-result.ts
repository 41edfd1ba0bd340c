import path from 'node:path';
import { z } from 'zod';
import type { TaskPlace } from './fleet-task.js';

const interval = z.object({
  mean: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

const bound = z.object({ sure: z.number(), most: z.number() });

/** What `rxdepth adapt` writes to `result.json`, as far as a fleet decides by it. */
export const ADAPT_RESULT = z.object({
  outcome: z.enum(['promoted', 'rejected', 'undecided', 'refused', 'stopped']),
  reasons: z.array(z.string()),
  steps: z.number().optional(),
  damage: z.array(z.string()).optional(),
  judge: z
    .object({
      checks: z.array(
        z.object({ name: z.string(), answer: z.enum(['passed', 'failed', 'open']), finding: z.string() }),
      ),
      drive: z.object({ valid: z.number(), gain: interval }),
      truth: z.object({ gain: interval }).optional(),
      limits: z.object({ guardLoss: bound, guardTruthLoss: bound }),
    })
    .optional(),
});
export type AdaptResult = z.infer<typeof ADAPT_RESULT>;

/** `adapt` ends with 3 where it found nothing better. */
export const NOT_PROMOTED = 3;

/** Flags of `adapt` that are the fleet's to say. */
export const REFUSED_OF_ADAPT: readonly string[] = [
  ...['-o', '--output', '--out', '--overwrite', '--model', '--judge-only', '--no-promote', '--json'],
  ...['--guard', '--restart'],
];

/** The file in which an adaptation of a fleet leaves its result. */
export function resultOfAdapt({ output }: TaskPlace): string {
  return path.join(output, 'result.json');
}
