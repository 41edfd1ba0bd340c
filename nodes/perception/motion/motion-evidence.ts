import type { MotionFit } from './fit-motion.js';
import type { ResidualMotion } from './residual-motion.js';
import type { Spread } from './static-positions.js';

/** What is known before a component's motion is measured. */
export interface MotionModel {
  /** Standard deviation of what errors of the pose do to a shift, pixels. */
  readonly poseNoise: number;
  /** Standard deviation of the relative error that all of a component's depths share. */
  readonly depthError: number;
  /** The same of the errors of its depths relative to each other. */
  readonly shapeError: number;
  /** Standard deviations of the velocity of what moves, in depth units a second: sideways, and away from us or towards us. */
  readonly sideSpeed: number;
  readonly speed: number;
}

/** A measured residual motion and what is needed to weigh it. */
export interface MeasuredMotion {
  readonly fit: MotionFit;
  readonly seconds: number;
  /** Focal length, and the principal point, in pixels. */
  readonly focal: number;
  readonly centre: { readonly u: number; readonly v: number };
  /** Of the component in the earlier view if it stood still. */
  readonly spread: Spread;
  /** How far the camera's own motion moves it in the picture, pixels. */
  readonly parallax: number;
  /** By what an error of all depths by a factor e shifts and grows it. */
  readonly byDepth: ResidualMotion;
}

/** Of a shift, pixels: interpolation and changes of the view. */
const LEAST_NOISE = 0.15;
/** Neighbouring pixels err alike: the fit's own noise is understated by about this factor. */
const CORRELATED = 2;
/** Hardly anything on a road moves up or down: share of `sideSpeed`. */
const UPWARDS = 0.1;

type Vector3 = readonly [number, number, number];

/**
 * How much more likely a measured residual motion is if the component moves than if it stands: natural logarithm of the
 * ratio of two normal densities of (du, dv, growth). What stands has residuals by noise and by errors of its depth, along
 * its epipolar line; what moves also by its own velocity.
 */
export function motionEvidence(measured: MeasuredMotion, model: MotionModel): number {
  const { fit, seconds, focal, centre, spread, parallax, byDepth } = measured;
  const shape = (model.shapeError * parallax) ** 2 + LEAST_NOISE ** 2;
  const shift = (CORRELATED * fit.shiftNoise) ** 2 + model.poseNoise ** 2 + shape;
  const growth = (CORRELATED * fit.growthNoise) ** 2 + shape / spread.radius ** 2;
  const standing = [shift, 0, 0, shift, 0, growth];
  addOuter(standing, [byDepth.du, byDepth.dv, byDepth.growth], model.depthError);
  const moving = [...standing];
  const along = (model.speed * seconds) / spread.depth;
  const aside = (model.sideSpeed * seconds) / spread.depth;
  addOuter(moving, [focal, 0, 0], aside);
  addOuter(moving, [0, focal, 0], UPWARDS * aside);
  addOuter(moving, [spread.u - centre.u, spread.v - centre.v, 1], along);
  const value: Vector3 = [fit.du, fit.dv, fit.growth];
  return 0.5 * (surprise(standing, value) - surprise(moving, value));
}

/** Adds (factor a)(factor a)^T to a symmetric matrix, stored as 00 01 02 11 12 22. */
function addOuter(matrix: number[], [a, b, c]: Vector3, factor: number): void {
  const s = factor * factor;
  [a * a, a * b, a * c, b * b, b * c, c * c].forEach((value, i) => {
    matrix[i] = (matrix[i] as number) + s * value;
  });
}

/** v^T S^-1 v + ln |S|. */
function surprise(matrix: readonly number[], [a, b, c]: Vector3): number {
  const [p, q, r, s, t, u] = matrix as readonly [number, number, number, number, number, number];
  const [c00, c01, c02] = [s * u - t * t, r * t - q * u, q * t - r * s];
  const [c11, c12, c22] = [p * u - r * r, q * r - p * t, p * s - q * q];
  const determinant = p * c00 + q * c01 + r * c02;
  const square = c00 * a * a + c11 * b * b + c22 * c * c + 2 * (c01 * a * b + c02 * a * c + c12 * b * c);
  return square / determinant + Math.log(determinant);
}
