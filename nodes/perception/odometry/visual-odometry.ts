import { axisAngleOf } from '../../../msgs/camera/axis-angle-of.js';
import { quaternionOf } from '../../../msgs/camera/quaternion-of.js';
import {
  composeTransforms,
  invertTransform,
  type RigidTransform,
} from '../../../msgs/camera/rigid-transform.js';
import { transformFromAxisAngle } from '../../../msgs/camera/transform-from-axis-angle.js';
import type { Odometry } from '../../../msgs/odometry.js';
import { nsToStamp } from '../../../msgs/stamp.js';
import { leveredCovariance, movedCovariance } from './motion-covariance.js';

/** The camera's motion up to a frame. */
export interface CameraStep {
  /** Metres. */
  readonly earlierFromLater: RigidTransform;
  /** [36] of the alignment, metres and radians: errors exp(e) earlierFromLater. */
  readonly covariance: ArrayLike<number>;
  readonly seconds: number;
}

/** What moves: a frame that the camera is fixed to, or the camera's own. */
export interface TrackedBody {
  readonly frame: string;
  readonly bodyFromCamera: RigidTransform;
  /** Its pose in `odom` at the start: there x is forward and z up (REP 103). */
  readonly odomFromStart: RigidTransform;
}

/** Neighbouring pixels see the same errors of depth: alignment knows less than its residuals say, by this variance. */
const ALIGNMENT_OPTIMISM = 25;
/** Standard deviation of the metric scale, a share: of all lengths at once. */
const SCALE_ERROR = 0.1;
/** Gaps up to this are bridged by the motion before, seconds. */
const LONGEST_BRIDGE = 1;
/** How motion may change meanwhile: metres and radians a second squared. */
const ACCELERATION = 3;
const TURN_ACCELERATION = 0.5;
/** Beyond that nothing is known: metres a second, and half a turn. */
const ANY_SPEED = 30;
/** Rounding of stamps, seconds. */
const NO_GAP = 1e-3;

interface Velocity {
  readonly linear: Vector;
  readonly angular: Vector;
}
type Vector = readonly [x: number, y: number, z: number];

/**
 * Adds up the camera's motion to the pose of a body since the start, with what is unknown about it. Motion that is not
 * known, in a gap, is bridged: by the motion before for up to a second, beyond that by standing still. The pose does not
 * jump (REP 105); its covariance grows by what may have happened. When time goes back everything begins anew.
 */
export class VisualOdometry {
  readonly #parent: string;
  #body: TrackedBody | undefined;
  #pose: RigidTransform = new Float64Array();
  /** In the parent's axes, without the error of the scale. */
  #covariance: Float64Array = new Float64Array(36);
  #reachedNs = 0n;
  #velocity: Velocity | undefined;

  /** @param parent frame of the poses, usually `odom`. */
  constructor(parent: string) {
    this.#parent = parent;
  }

  /** The pose of `body` at a frame. Another body than before begins anew. */
  advance(stampNs: bigint, step: CameraStep, body: TrackedBody): Odometry {
    const fromNs = stampNs - BigInt(Math.round(1e9 * step.seconds));
    if (this.#body?.frame !== body.frame || fromNs + 1_000_000_000n < this.#reachedNs)
      this.#begin(body, fromNs);
    const gap = Number(fromNs - this.#reachedNs) / 1e9;
    if (gap > NO_GAP) this.#bridge(gap);
    const { bodyFromCamera } = body;
    const moved = composeTransforms(
      composeTransforms(bodyFromCamera, step.earlierFromLater),
      invertTransform(bodyFromCamera),
    );
    const alignment = Float64Array.from(step.covariance, (value) => ALIGNMENT_OPTIMISM * value);
    const noise = movedCovariance(bodyFromCamera, alignment);
    this.#move(moved, noise);
    this.#velocity = velocityOf(moved, step.seconds);
    this.#reachedNs = stampNs;
    return this.#message(stampNs, noise, step.seconds, this.#velocity, body);
  }

  #begin(body: TrackedBody, fromNs: bigint): void {
    this.#body = body;
    this.#pose = body.odomFromStart;
    this.#covariance = new Float64Array(36);
    this.#velocity = undefined;
    this.#reachedNs = fromNs;
  }

  #bridge(seconds: number): void {
    const { linear = [0, 0, 0], angular = [0, 0, 0] } = this.#velocity ?? {};
    const short = seconds <= LONGEST_BRIDGE && this.#velocity !== undefined;
    const way = (acceleration: number) => 0.5 * acceleration * seconds * seconds;
    const [shift, turn] = short
      ? [way(ACCELERATION), way(TURN_ACCELERATION)]
      : [ANY_SPEED * seconds, Math.PI];
    const noise = new Float64Array(36);
    for (let i = 0; i < 6; i++) noise[7 * i] = (i < 3 ? shift : turn) ** 2;
    const held = [...angular, ...linear].map((value) => (short ? value * seconds : 0));
    this.#move(transformFromAxisAngle(held), noise);
  }

  /** @param noise of the motion, in the body's axes before it. */
  #move(moved: RigidTransform, noise: Float64Array): void {
    const before = this.#pose;
    const pose = composeTransforms(before, moved);
    const turned = movedCovariance(rotationOf(before), noise);
    const sum = this.#covariance.map((value, i) => value + (turned[i] as number));
    const [from, to] = [positionOf(before), positionOf(pose)];
    this.#covariance = leveredCovariance([to[0] - from[0], to[1] - from[1], to[2] - from[2]], sum);
    this.#pose = pose;
  }

  #message(
    stampNs: bigint,
    noise: Float64Array,
    seconds: number,
    { linear, angular }: Velocity,
    { frame, odomFromStart }: TrackedBody,
  ): Odometry {
    const [at, start] = [positionOf(this.#pose), positionOf(odomFromStart)];
    const way: Vector = [at[0] - start[0], at[1] - start[1], at[2] - start[2]];
    const perSecond = noise.map((value) => value / (seconds * seconds));
    return {
      header: { stamp: nsToStamp(stampNs), frame_id: this.#parent },
      child_frame_id: frame,
      pose: {
        pose: { position: named(at), orientation: quaternionOf(this.#pose) },
        covariance: withScaleError(this.#covariance, way),
      },
      twist: {
        twist: { linear: named(linear), angular: named(angular) },
        covariance: withScaleError(perSecond, linear),
      },
    };
  }
}

/** A wrong scale makes all of a way wrong in its own direction. */
function withScaleError(covariance: Float64Array, way: Vector): Float64Array {
  const sum = covariance.slice();
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      sum[6 * i + j] =
        (sum[6 * i + j] as number) + SCALE_ERROR ** 2 * (way[i] as number) * (way[j] as number);
  return sum;
}

/** In the body's axes after the motion. */
function velocityOf(moved: RigidTransform, seconds: number): Velocity {
  const back = invertTransform(rotationOf(moved));
  const linear = positionOf(composeTransforms(back, moved));
  const per = ([x, y, z]: Vector): Vector => [x / seconds, y / seconds, z / seconds];
  return { linear: per(linear), angular: per(axisAngleOf(moved)) };
}

function rotationOf(m: RigidTransform): RigidTransform {
  const rotation = m.slice();
  rotation[3] = 0;
  rotation[7] = 0;
  rotation[11] = 0;
  return rotation;
}

function positionOf(m: RigidTransform): Vector {
  return [m[3] as number, m[7] as number, m[11] as number];
}

function named([x, y, z]: Vector): { x: number; y: number; z: number } {
  return { x, y, z };
}
