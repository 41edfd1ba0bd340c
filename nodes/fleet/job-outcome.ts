import type { JobResult } from './tasks/fleet-task.js';

/**
 * What came of a job. `damaged`: its output is there, and something of the bag is missing in it. `known`: it was done
 * before. `left`: it was not begun, or ended by a signal.
 */
export type JobOutcome =
  | (Ended & { readonly state: 'done' })
  | (Ended & Missing & { readonly state: 'damaged' })
  | (Facts & Missing & { readonly state: 'damaged'; readonly before: true })
  | (Facts & { readonly state: 'known' })
  | { readonly state: 'failed'; readonly message: string; readonly attempts: number }
  | { readonly state: 'left' };

interface Facts {
  /** What the result says in numbers. */
  readonly facts?: JobResult['facts'];
}
interface Ended extends Facts {
  readonly seconds: number;
  readonly attempts: number;
}
interface Missing {
  readonly missing: readonly string[];
}

/** The outcome of a job that was run now. */
export function endedOutcome(
  { missing, facts }: JobResult,
  ended: { readonly seconds: number; readonly attempts: number },
): JobOutcome {
  const about = { ...ended, ...(facts !== undefined && { facts }) };
  return missing.length > 0 ? { state: 'damaged', ...about, missing } : { state: 'done', ...about };
}

/** The outcome of a job whose output was there. */
export function knownOutcome({ missing, facts }: JobResult): JobOutcome {
  const about = facts === undefined ? {} : { facts };
  return missing.length > 0
    ? { state: 'damaged', before: true, ...about, missing }
    : { state: 'known', ...about };
}
