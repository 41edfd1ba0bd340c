import { z } from 'zod';
import type { WireVerdict } from '../page-protocol.js';

/** What a page shows of a judge's report. */
export const verdictSchema: z.ZodType<WireVerdict> = z.object({
  verdict: z.string(),
  reasons: z.array(z.string()),
  checks: z.array(z.object({ name: z.string(), answer: z.string(), finding: z.string() })),
});
