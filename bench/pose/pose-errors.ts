import {
  composeTransforms,
  invertTransform,
  type RigidTransform,
} from '../../msgs/camera/rigid-transform.js';
import type { SimulatedFrame } from '../../training/simulator/frame.js';
import { median } from '../../vision/median.js';
import type { Poses } from './estimated-poses.js';

/** How far estimated motions between neighbouring frames are from the true ones: medians over the pairs. */
export interface PoseErrors {
  /** Pairs of frames, and of those the ones with an estimate. */
  readonly pairs: number;
  readonly found: number;
  readonly rotationDegrees: number;
  /** Between the directions of the translations, of pairs that moved. */
  readonly directionDegrees: number;
  /** |log(length / true length)| around its median over all drives: one camera knows no metres, but always the same ones. */
  readonly lengthSpread: number;
}

/** Shorter motions have no direction worth the name, metres. */
const LEAST_MOTION = 0.1;

export function poseErrors(
  drives: readonly (readonly SimulatedFrame[])[],
  estimated: readonly Poses[],
): PoseErrors {
  const [rotations, directions, ratios]: [number[], number[], number[]] = [[], [], []];
  let [pairs, found] = [0, 0];
  for (const [k, frames] of drives.entries()) {
    for (let i = 1; i < frames.length; i++) {
      const [earlier, later] = [frames[i - 1], frames[i]];
      if (earlier === undefined || later === undefined) continue;
      pairs += 1;
      const pose = estimated[k]?.[i - 1];
      if (pose === undefined) continue;
      found += 1;
      const truth = composeTransforms(invertTransform(earlier.worldFromCamera), later.worldFromCamera);
      rotations.push(turnOf(composeTransforms(invertTransform(truth), pose)));
      const [length, trueLength] = [lengthOf(pose), lengthOf(truth)];
      if (trueLength < LEAST_MOTION) continue;
      directions.push(
        degrees(Math.acos(Math.max(-1, Math.min(1, alongside(pose, truth) / (length * trueLength))))),
      );
      ratios.push(Math.log(length / trueLength));
    }
  }
  const middle = median(ratios);
  return {
    ...{ pairs, found, rotationDegrees: median(rotations), directionDegrees: median(directions) },
    lengthSpread: median(ratios.map((ratio) => Math.abs(ratio - middle))),
  };
}

const translation = (pose: RigidTransform) => [3, 7, 11].map((at) => pose[at]);
const lengthOf = (pose: RigidTransform) => Math.hypot(...translation(pose));
const degrees = (radians: number) => (180 * radians) / Math.PI;

function alongside(a: RigidTransform, b: RigidTransform): number {
  const other = translation(b);
  return translation(a).reduce((sum, value, i) => sum + value * other[i], 0);
}

/** Angle of a rotation, by its sine, which is exact for small ones. */
function turnOf(pose: RigidTransform): number {
  const at = (i: number) => pose[i];
  const sine = Math.hypot(at(9) - at(6), at(2) - at(8), at(4) - at(1)) / 2;
  return degrees(Math.atan2(sine, (at(0) + at(5) + at(10) - 1) / 2));
}
