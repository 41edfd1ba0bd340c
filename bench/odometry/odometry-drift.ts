import {
  composeTransforms,
  invertTransform,
  type RigidTransform,
} from '../../msgs/camera/rigid-transform.js';
import type { StampedPose } from './poses.js';

/** How odometry departs from the truth. */
export interface OdometryDrift {
  readonly messages: number;
  /** True way from the first message to the last, metres. */
  readonly way: number;
  /** Mean error at the end of stretches of `STRETCH` metres, as metres a 100 m: as it is, and with all lengths corrected by one factor. */
  readonly per100: number;
  readonly per100Scaled: number;
  /** Length of the told way over that of the true one. */
  readonly length: number;
  /** Mean error of the heading over these stretches, degrees a 100 m. */
  readonly degrees: number;
  /** Error of the last position over its standard deviation, as the message tells it. */
  readonly normalized: number;
}

/** As the KITTI odometry benchmark has it, but shorter: the recorded drive is 60 m long. */
const STRETCH = 20;

export function odometryDrift(said: readonly StampedPose[], truth: readonly StampedPose[]): OdometryDrift {
  const byStamp = new Map(truth.map((pose) => [pose.stampNs, pose]));
  const pairs = said.flatMap((pose) => {
    const known = byStamp.get(pose.stampNs);
    return known === undefined ? [] : [{ pose, truth: known }];
  });
  const [trueWay, saidWay] = [
    ways(pairs.map((pair) => pair.truth.fixedFromCamera)),
    ways(pairs.map((pair) => pair.pose.fixedFromCamera)),
  ];
  const way = trueWay.at(-1) ?? 0;
  const length = (saidWay.at(-1) ?? 0) / way;
  const [errors, scaled, turns]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < pairs.length; i++) {
    const j = trueWay.findIndex((metres) => metres >= (trueWay[i] as number) + STRETCH);
    if (j < 0) break;
    const [from, to] = [pairs[i], pairs[j]];
    if (from === undefined || to === undefined) continue;
    const told = between(from.pose.fixedFromCamera, to.pose.fixedFromCamera);
    const known = between(from.truth.fixedFromCamera, to.truth.fixedFromCamera);
    errors.push(apart(told, known, 1));
    scaled.push(apart(told, known, 1 / length));
    turns.push(turnOf(composeTransforms(invertTransform(known), told)));
  }
  const per100 = (values: number[]) => (100 / STRETCH) * (values.reduce((a, b) => a + b, 0) / values.length);
  const [first, last] = [pairs[0], pairs.at(-1)];
  const normalized =
    first === undefined || last === undefined
      ? Number.NaN
      : apart(
          between(first.pose.fixedFromCamera, last.pose.fixedFromCamera),
          between(first.truth.fixedFromCamera, last.truth.fixedFromCamera),
          1,
        ) / deviationOf(last.pose);
  return {
    ...{ messages: said.length, way, length, normalized },
    ...{ per100: per100(errors), per100Scaled: per100(scaled), degrees: per100(turns) },
  };
}

function between(fixedFromEarlier: RigidTransform, fixedFromLater: RigidTransform): RigidTransform {
  return composeTransforms(invertTransform(fixedFromEarlier), fixedFromLater);
}

/** Way from the first pose to each, metres. */
function ways(poses: readonly RigidTransform[]): number[] {
  let sum = 0;
  return poses.map((pose, i) => {
    const before = poses[i - 1];
    if (before !== undefined) sum += apart(pose, before, 1);
    return sum;
  });
}

function apart(a: RigidTransform, b: RigidTransform, factor: number): number {
  const off = (at: number) => factor * (a[at] as number) - (b[at] as number);
  return Math.hypot(off(3), off(7), off(11));
}

/** Degrees. */
function turnOf(m: RigidTransform): number {
  const cosine = ((m[0] as number) + (m[5] as number) + (m[10] as number) - 1) / 2;
  return (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI;
}

function deviationOf({ covariance = [] }: StampedPose): number {
  return Math.sqrt((covariance[0] ?? 0) + (covariance[7] ?? 0) + (covariance[14] ?? 0));
}
