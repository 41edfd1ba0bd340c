import { POSE_PARAMETERS } from './descend.js';

/** Equations that are summed at once: few enough to stay in the nearest cache. */
export const EQUATIONS = 256;

/** Sums that are made at once: more have no place in a processor's registers, fewer wait for each other. */
const AT_ONCE = 4;

const weighted = new Float64Array(EQUATIONS);

const MATRIX = POSE_PARAMETERS * POSE_PARAMETERS;
const MATRICES = 128;
let memory = new Float64Array(0);

/**
 * Zeros for a matrix. They are a part of memory for many, since V8 takes longer to make and free memory of its own than to
 * fill it.
 */
function emptyMatrix(): Float64Array {
  if (memory.length < MATRIX) memory = new Float64Array(MATRICES * MATRIX);
  const matrix = memory.subarray(0, MATRIX);
  memory = memory.subarray(MATRIX);
  return matrix;
}

/** Sums up weighted normal equations, EQUATIONS of them at a time. */
export class NormalEquations {
  /** J^T W J, POSE_PARAMETERS squared, row major; what is above the diagonal means nothing. */
  readonly hessian = emptyMatrix();
  /** -J^T W r. */
  readonly gradient = new Float64Array(POSE_PARAMETERS);

  /**
   * Adds the first `count` equations, in their order.
   * @param derivatives by each parameter, so many as POSE_PARAMETERS. @param weights, residuals from `first` on.
   */
  add(
    derivatives: readonly Float64Array[],
    weights: Float64Array,
    residuals: Float64Array,
    first: number,
    count: number,
  ): void {
    for (let p = 0; p < POSE_PARAMETERS; p++) {
      const by = derivatives[p] as Float64Array; // one for each parameter, as below
      let sum = this.gradient[p] as number;
      for (let i = 0; i < count; i++) {
        const value = (weights[first + i] as number) * (by[i] as number);
        weighted[i] = value;
        sum -= value * (residuals[first + i] as number);
      }
      this.gradient[p] = sum;
      for (let q = 0; q <= p; q += AT_ONCE)
        addProducts(derivatives, q, count, this.hessian, p * POSE_PARAMETERS + q);
    }
  }
}

/** Adds the sums of `weighted` times the derivatives by four parameters, from `q` on, to four numbers from `at` on. */
function addProducts(
  derivatives: readonly Float64Array[],
  q: number,
  count: number,
  sums: Float64Array,
  at: number,
): void {
  const [a, b, c, d] = [derivatives[q], derivatives[q + 1], derivatives[q + 2], derivatives[q + 3]];
  if (a === undefined || b === undefined || c === undefined || d === undefined) return;
  let sumA = sums[at] as number; // within the matrix
  let sumB = sums[at + 1] as number;
  let sumC = sums[at + 2] as number;
  let sumD = sums[at + 3] as number;
  for (let i = 0; i < count; i++) {
    const value = weighted[i] as number;
    sumA += value * (a[i] as number);
    sumB += value * (b[i] as number);
    sumC += value * (c[i] as number);
    sumD += value * (d[i] as number);
  }
  sums[at] = sumA;
  sums[at + 1] = sumB;
  sums[at + 2] = sumC;
  sums[at + 3] = sumD;
}
