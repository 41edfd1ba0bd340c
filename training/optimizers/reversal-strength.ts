/**
 * How strongly gradients are reversed as the training goes on. 2 / (1 + exp(-10 progress)) - 1, from 0 to nearly 1, so that a
 * classifier which has learned nothing yet does not disturb the features.
 * @param progress 0 at the first step to 1 at the last; what lies outside counts as the nearer end.
 * Source: Ganin and Lempitsky 2015, section 4.2.
 */
export function reversalStrength(progress: number): number {
  return 2 / (1 + Math.exp(-10 * Math.min(1, Math.max(0, progress)))) - 1;
}
