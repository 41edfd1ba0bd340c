/**
 * Elementary functions made of +, -, *, / and sqrt only, which IEEE 754 rounds the same way on every machine.
 * `Math.sin`, `Math.exp`, `Math.pow` may differ in the last bit between engines, and a picture must not.
 * Accuracy: about 1e-9 absolute for sin and cos (|x| < 1e6), 1e-10 relative for exp and log.
 */

const TWO_PI = 2 * Math.PI;
const HALF_PI = Math.PI / 2;

/** Sine of an angle in radians. */
export function sin(radians: number): number {
  let x = radians - TWO_PI * Math.round(radians / TWO_PI);
  if (x > HALF_PI) x = Math.PI - x;
  else if (x < -HALF_PI) x = -Math.PI - x;
  const q = x * x;
  const series = -1 / 5040 + q * (1 / 362880 + q * (-1 / 39916800 + q * (1 / 6227020800)));
  return x * (1 + q * (-1 / 6 + q * (1 / 120 + q * series)));
}

/** Cosine of an angle in radians. */
export function cos(radians: number): number {
  return sin(radians + HALF_PI);
}

/** e to the power x; 0 below -700. */
export function exp(x: number): number {
  if (x < -700) return 0;
  const k = Math.round(x / Math.LN2);
  const r = x - k * Math.LN2;
  let term = 1;
  let sum = 1;
  for (let i = 1; i <= 11; i++) {
    term *= r / i;
    sum += term;
  }
  return sum * powerOfTwo(k);
}

/** Natural logarithm of x > 0. */
export function log(x: number): number {
  let m = x;
  let k = 0;
  while (m > Math.SQRT2) {
    m *= 0.5;
    k++;
  }
  while (m < Math.SQRT1_2) {
    m *= 2;
    k--;
  }
  const t = (m - 1) / (m + 1);
  const q = t * t;
  let sum = 0;
  for (let i = 19; i >= 1; i -= 2) sum = sum * q + 1 / i;
  return k * Math.LN2 + 2 * t * sum;
}

/** x to the power y, for x >= 0. */
export function pow(x: number, y: number): number {
  return x <= 0 ? 0 : exp(y * log(x));
}

/** Angle of the vector (x, y) in radians, in [-pi, pi]. Accuracy 1e-7. */
export function atan2(y: number, x: number): number {
  const ax = Math.abs(x);
  const ay = Math.abs(y);
  const longest = Math.max(ax, ay);
  if (longest === 0) return 0;
  let t = Math.min(ax, ay) / longest;
  // atan t = 2 atan(t / (1 + sqrt(1 + t^2))), twice, brings the argument below 0.2.
  t = t / (1 + Math.sqrt(1 + t * t));
  t = t / (1 + Math.sqrt(1 + t * t));
  const q = t * t;
  let angle = 4 * t * (1 - q * (1 / 3 - q * (1 / 5 - q * (1 / 7 - q * (1 / 9 - q / 11)))));
  if (ay > ax) angle = HALF_PI - angle;
  if (x < 0) angle = Math.PI - angle;
  return y < 0 || Object.is(y, -0) ? -angle : angle;
}

function powerOfTwo(k: number): number {
  let result = 1;
  const factor = k < 0 ? 0.5 : 2;
  for (let i = Math.abs(k); i > 0; i--) result *= factor;
  return result;
}
