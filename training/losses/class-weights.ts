/**
 * Weights against class imbalance: w = 1 / ln(c + p), p the class's share of the pixels, c = 1.02.
 * @param pixelCounts number of pixels by class.
 * @returns one weight a class, at most 1 / ln(1.02) = 50.5 for a class that never occurs.
 * Source: ENet (Paszke et al. 2016), section 5.2; used by SGDepth for eq. 5.
 */
export function enetClassWeights(pixelCounts: readonly number[]): number[] {
  const total = Math.max(
    1,
    pixelCounts.reduce((a, b) => a + b, 0),
  );
  return pixelCounts.map((count) => 1 / Math.log(1.02 + count / total));
}
