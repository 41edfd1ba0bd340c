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

/** log(1 + (r / spread)^2): from `spread` on a residual counts less and less. Source: Cauchy's distribution. */
export function cauchy(spread: number): RobustCost {
  return (residuals, count, weights, total) => {
    let cost = total;
    for (let k = 0; k < count; k++) {
      const weight = 1 / (1 + ((residuals[k] as number) / spread) ** 2);
      weights[k] = weight;
      cost -= Math.log(weight);
    }
    return cost;
  };
}
