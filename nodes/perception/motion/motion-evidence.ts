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
  /** Standard deviation of a shift by interpolation and changes of the view, pixels. */
  readonly viewNoise: number;
  /** By how much the fit's own noise is understated, since neighbouring pixels err alike. */
  readonly fitNoise: number;
  /** Ways in which things of its kind move, each as likely as the others. */
  readonly gaits: readonly Gait[];
}

/** Standard deviations of the velocity of what moves, in depth units a second: sideways, and away from us or towards us. */
export interface Gait {
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
  /** Spread of the component in the earlier view if it stood still. */
  readonly spread: Spread;
  /** How far the camera's own motion moves it in the picture, pixels. */
  readonly parallax: number;
  /** By what an error of all depths by a factor e shifts and grows it. */
  readonly byDepth: ResidualMotion;
}

/** Hardly anything on a road moves up or down: share of `sideSpeed`. */
const UPWARDS = 0.1;

type Vector3 = readonly [number, number, number];

/** What a measured residual motion says. */
export interface MotionFinding {
  /** How much more likely it is if the component moves than if it stands: natural logarithm of the ratio. */
  readonly evidence: number;
  /** Its likeliest velocity if it moves, depth units a second: x right, y down, z away from the camera. */
  readonly velocity: Vector3;
}

/**
 * Weighs a measured residual motion (du, dv, growth): normal densities if the component stands, and the mean of those of all
 * gaits if it moves. What stands has residuals by noise and by errors of its depth, along its epipolar line; what moves also
 * by its own velocity.
 */
export function motionEvidence(measured: MeasuredMotion, model: MotionModel): MotionFinding {
  const { fit, seconds, focal, centre, spread, parallax, byDepth } = measured;
  const shape = (model.shapeError * parallax) ** 2 + model.viewNoise ** 2;
  const shift = (model.fitNoise * fit.shiftNoise) ** 2 + model.poseNoise ** 2 + shape;
  const growth = (model.fitNoise * fit.growthNoise) ** 2 + shape / spread.radius ** 2;
  const standing = [shift, 0, 0, shift, 0, growth];
  addOuter(standing, [byDepth.du, byDepth.dv, byDepth.growth], model.depthError);
  const value: Vector3 = [fit.du, fit.dv, fit.growth];
  // What a step of one unit of depth sideways, down and away in that time does to the earlier picture.
  const perUnit = seconds / spread.depth;
  const aside: Vector3 = [-focal * perUnit, 0, 0];
  const down: Vector3 = [0, -focal * perUnit, 0];
  const away: Vector3 = [(spread.u - centre.u) * perUnit, (spread.v - centre.v) * perUnit, perUnit];
  const stands = weigh(standing, value).surprise;
  let likelihood = 0;
  let velocity: Vector3 = [0, 0, 0];
  const found = model.gaits.map(({ speed, sideSpeed }) => {
    const deviations = [sideSpeed, UPWARDS * sideSpeed, speed] as const;
    const moving = [...standing];
    addOuter(moving, aside, deviations[0]);
    addOuter(moving, down, deviations[1]);
    addOuter(moving, away, deviations[2]);
    const { surprise, solved } = weigh(moving, value);
    const along = (axis: Vector3, deviation: number) => deviation * deviation * dot(axis, solved);
    return {
      evidence: 0.5 * (stands - surprise),
      velocity: [
        along(aside, deviations[0]),
        along(down, deviations[1]),
        along(away, deviations[2]),
      ] as const,
    };
  });
  const most = Math.max(...found.map(({ evidence }) => evidence));
  for (const one of found) {
    const share = Math.exp(one.evidence - most);
    likelihood += share;
    velocity = [0, 1, 2].map((k) => (velocity[k] as number) + share * (one.velocity[k] as number)) as never;
  }
  const [x, y, z] = velocity.map((sum) => sum / likelihood) as unknown as Vector3;
  return {
    evidence: most + Math.log(likelihood / found.length),
    velocity: exactVelocity(measured, [aside[0] * x + away[0] * z, down[1] * y + away[1] * z, away[2] * z]),
  };
}

/** The velocity, in the axes of the earlier view, whose part in the residual motion this is. */
function exactVelocity(
  { spread, centre, focal, seconds }: MeasuredMotion,
  [du, dv, growth]: Vector3,
): Vector3 {
  const before = spread.depth * Math.exp(-growth);
  const side = (at: number, shift: number) => (at * spread.depth - (at + shift) * before) / focal / seconds;
  return [side(spread.u - centre.u, du), side(spread.v - centre.v, dv), (spread.depth - before) / seconds];
}

function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Adds (factor a)(factor a)^T to a symmetric matrix, stored as 00 01 02 11 12 22. */
function addOuter(matrix: number[], [a, b, c]: Vector3, factor: number): void {
  const s = factor * factor;
  [a * a, a * b, a * c, b * b, b * c, c * c].forEach((value, i) => {
    matrix[i] = (matrix[i] as number) + s * value;
  });
}

/** v^T S^-1 v + ln |S|, and S^-1 v. */
function weigh(matrix: readonly number[], [a, b, c]: Vector3): { surprise: number; solved: Vector3 } {
  const [p, q, r, s, t, u] = matrix as readonly [number, number, number, number, number, number];
  const [c00, c01, c02] = [s * u - t * t, r * t - q * u, q * t - r * s];
  const [c11, c12, c22] = [p * u - r * r, q * r - p * t, p * s - q * q];
  const determinant = p * c00 + q * c01 + r * c02;
  const solved: Vector3 = [
    (c00 * a + c01 * b + c02 * c) / determinant,
    (c01 * a + c11 * b + c12 * c) / determinant,
    (c02 * a + c12 * b + c22 * c) / determinant,
  ];
  return { surprise: dot([a, b, c], solved) + Math.log(determinant), solved };
}
