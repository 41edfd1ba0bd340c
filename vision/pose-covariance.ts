import { POSE_PARAMETERS } from './descend.js';
import { solveSymmetric } from './solve-symmetric.js';

/** ROS has the translation first, the normal equations the rotation. */
const ORDER = [3, 4, 5, 0, 1, 2] as const;

/**
 * Covariance of an aligned pose: the part of variance (J^T W J)^-1 that belongs to it, gain and offset being unknown too.
 * @param hessian of `Linearized`. @param variance of the residuals.
 * @returns [36] x, y, z, then turns about them, of the coordinate system that the pose leads to; undefined where the equations
 *     leave something open.
 */
export function poseCovariance(hessian: Float64Array, variance: number): Float64Array | undefined {
  const covariance = new Float64Array(36);
  for (let column = 0; column < 6; column++) {
    const unit = new Float64Array(POSE_PARAMETERS);
    unit[ORDER[column] as number] = 1;
    const solved = solveSymmetric(hessian, unit);
    if (solved === undefined) return undefined;
    for (let row = 0; row < 6; row++)
      covariance[6 * row + column] = variance * (solved[ORDER[row] as number] as number);
  }
  return covariance;
}
