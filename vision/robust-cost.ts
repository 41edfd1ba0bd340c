/**
 * A cost of residuals in which large ones count less than their squares.
 * @param weights gets what each of the first `count` residuals counts in the normal equations, 0..1.
 * @param total what other residuals cost before.
 * @returns the total with these.
 */
export type RobustCost = (
  residuals: Float64Array,
  count: number,
  weights: Float64Array,
  total: number,
) => number;

/** Squares up to `bound`, linear beyond. Source: Huber 1964. */
export function huber(bound: number): RobustCost {
  return (residuals, count, weights, total) => {
    let cost = total;
    for (let k = 0; k < count; k++) {
      const residual = residuals[k] as number;
      const size = Math.abs(residual);
      weights[k] = size <= bound ? 1 : bound / size;
      cost += size <= bound ? residual * residual : bound * (2 * size - bound);
    }
    return cost;
  };
}

/** Far from what a double cannot hold, whatever the next factor. */
const LARGE = 1e150;

/** log(1 + (r / spread)^2): from `spread` on a residual counts less and less. Source: Cauchy's distribution. */
export function cauchy(spread: number): RobustCost {
  return (residuals, count, weights, total) => {
    // The logarithm of a product: one takes as long as twenty products.
    let cost = total;
    let product = 1;
    for (let k = 0; k < count; k++) {
      const share = (residuals[k] as number) / spread;
      const growth = 1 + share * share;
      weights[k] = 1 / growth;
      product *= growth;
      if (product < LARGE) continue;
      cost += Math.log(product);
      product = 1;
    }
    return cost + Math.log(product);
  };
}
