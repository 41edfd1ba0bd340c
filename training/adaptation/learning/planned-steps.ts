/** Passes over the drives: about where unseen drives were measured best (docs/measurements/adaptation.md). */
const PASSES = 4;
/** A short drive needs as many to learn anything, a long one no more to learn what it has. */
const LEAST = 150;
const MOST = 2000;

/**
 * Steps that learning from so many triplets or pictures takes, where nobody asked for another number. It is a function of the
 * drives alone, so that a busy machine learns as much as an idle one.
 * @param batch of them a step.
 */
export function plannedSteps(count: number, batch: number): number {
  return Math.max(LEAST, Math.min(MOST, Math.round((PASSES * count) / batch)));
}
