/** From so many triplets, and steps, on the rate grows; and how far. */
const FEW_TRIPLETS = 100;
const FEW_STEPS = 150;
const MOST = 4;

/**
 * Peak of the learning rate: little is learned by heart quickly, and few steps do not undo what large ones break. A long
 * drive and a long budget bear more. docs/measurements/adaptation.md has what either was measured to be worth.
 * @param base for 100 triplets or 150 steps and fewer. @param triplets that are learned from. @param steps of the run, NaN
 * while nobody knows.
 */
export function peakLearningRate(base: number, triplets: number, steps: number): number {
  const more = Math.min(triplets / FEW_TRIPLETS, Number.isNaN(steps) ? 1 : steps / FEW_STEPS);
  return base * Math.max(1, Math.min(MOST, more));
}
