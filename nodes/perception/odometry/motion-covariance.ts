import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';

/** Row-major 6x6 matrices over x, y, z, then small turns about these axes, as in nav_msgs/Odometry. */
const N = 6;

/**
 * Covariance of a small motion as another coordinate system sees it: A C A', with A the adjoint of the transform.
 * @param covariance [36] of errors e by which a motion M is wrong, exp(e) M, in `from`.
 * @param toFrom from `from` to the other system.
 */
export function movedCovariance(toFrom: RigidTransform, covariance: ArrayLike<number>): Float64Array {
  const [x, y, z] = [toFrom[3] as number, toFrom[7] as number, toFrom[11] as number];
  const adjoint = new Float64Array(N * N);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      const r = toFrom[4 * row + column] as number;
      adjoint[N * row + column] = r;
      adjoint[N * (row + 3) + column + 3] = r;
    }
  }
  for (let column = 0; column < 3; column++) {
    const [rx, ry, rz] = [0, 4, 8].map((row) => toFrom[row + column] as number) as [number, number, number];
    // The lever: t x (R column).
    adjoint[column + 3] = y * rz - z * ry;
    adjoint[N + column + 3] = z * rx - x * rz;
    adjoint[2 * N + column + 3] = x * ry - y * rx;
  }
  return sandwich(adjoint, covariance);
}

/**
 * What a turn by mistake does to a place that lies `way` farther on. It is F C F' with the error of the place += turn x way.
 */
export function leveredCovariance(
  way: readonly [x: number, y: number, z: number],
  covariance: ArrayLike<number>,
): Float64Array {
  const [x, y, z] = way;
  const lever = new Float64Array(N * N);
  for (let i = 0; i < N; i++) lever[N * i + i] = 1;
  [lever[4], lever[5]] = [z, -y];
  [lever[N + 3], lever[N + 5]] = [-z, x];
  [lever[2 * N + 3], lever[2 * N + 4]] = [y, -x];
  return sandwich(lever, covariance);
}

/** A C A'. */
function sandwich(a: Float64Array, c: ArrayLike<number>): Float64Array {
  const half = new Float64Array(N * N);
  const product = new Float64Array(N * N);
  for (let i = 0; i < N; i++)
    for (let j = 0; j < N; j++) {
      let sum = 0;
      for (let k = 0; k < N; k++) sum += (a[N * i + k] as number) * (c[N * k + j] as number);
      half[N * i + j] = sum;
    }
  for (let i = 0; i < N; i++)
    for (let j = 0; j < N; j++) {
      let sum = 0;
      for (let k = 0; k < N; k++) sum += (half[N * i + k] as number) * (a[N * j + k] as number);
      product[N * i + j] = sum;
    }
  return product;
}
