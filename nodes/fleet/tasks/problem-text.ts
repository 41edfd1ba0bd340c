import { z } from 'zod';

/** A `BagProblem`, as results have it. */
export const PROBLEM = z.object({ file: z.string(), what: z.string(), lost: z.string() });

/** For people. */
export function problemText({ file, what, lost }: z.infer<typeof PROBLEM>): string {
  return `${file}: ${what}; lost: ${lost}`;
}
