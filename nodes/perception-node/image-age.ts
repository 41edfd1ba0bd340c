import type { Parameters } from './parameters.js';

/** The limit of age, by a clock. */
export interface AgeLimit {
  readonly parameters: () => Pick<Parameters, 'max_age'>;
  readonly nowNs: () => bigint;
}

/**
 * Age of what carries a stamp, seconds, negative where the stamp is ahead of the clock. It is undefined where there is no
 * limit, and before simulated time has begun (the first /clock).
 */
export function limitedAge(stampNs: bigint, { parameters, nowNs }: AgeLimit): number | undefined {
  const now = nowNs();
  if (parameters().max_age === 0 || now === 0n) return undefined;
  return Number(now - stampNs) / 1e9;
}
