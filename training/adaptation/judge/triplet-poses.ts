import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import {
  type DepthFrame,
  type DirectPose,
  depthFrame,
  directPose,
  poseResidual,
  refinePose,
} from '../../../vision/direct-pose.js';
import type { SlopedLevel } from '../../../vision/sloped-pyramid.js';
import { medianParallax } from '../drive/parallax.js';

/** Poses of a triplet's neighbours, sourceFromTarget. */
export interface TripletPoses {
  readonly previous: RigidTransform;
  readonly next: RigidTransform;
  readonly parallaxPixels: number;
}

export interface BothPoses {
  readonly parent: TripletPoses | undefined;
  readonly candidate: TripletPoses | undefined;
  /** Whether the parent's are those that it finds by itself. */
  readonly isOwn: boolean;
}

/** What of the parent's poses does not depend on who is compared with it; filled by the first comparison. */
export interface PosesMemo {
  direct?: readonly (DirectPose | undefined)[];
  poses?: TripletPoses | 'none';
}

/** Each model's poses from its own depth; each may also start from the other's, in its own scale, if that fits better. */
export function findBothPoses(
  [target, ...sources]: readonly (readonly SlopedLevel[])[],
  {
    parentDepth,
    candidateDepth,
  }: { readonly parentDepth: Float32Array; readonly candidateDepth: Float32Array },
  weight: Float32Array,
  intrinsics: Intrinsics,
  memo: PosesMemo,
): BothPoses {
  const frames = [parentDepth, candidateDepth].map((depth) => depthFrame(target, depth, weight, intrinsics));
  const [parentFrame, candidateFrame] = frames;
  const direct = (frame: DepthFrame) =>
    ([-1, 1] as const).map((direction, i) => directPose(frame, sources[i], direction));
  memo.direct ??= direct(parentFrame);
  const parentDirect = memo.direct;
  const candidateDirect = direct(candidateFrame);
  const toCandidate = candidateFrame.medianDepth / parentFrame.medianDepth;
  const candidate = posesFrom(
    candidateFrame,
    sources.map((source, i) => {
      const others = parentDirect[i]?.sourceFromTarget;
      const starts = [candidateDirect[i]?.sourceFromTarget, others && scaled(others, toCandidate)];
      return refinePose(
        candidateFrame,
        source,
        starts.filter((pose) => pose !== undefined),
      );
    }),
  );
  memo.poses ??=
    posesFrom(
      parentFrame,
      sources.map((source, i) => {
        const start = parentDirect[i]?.sourceFromTarget;
        return start && refinePose(parentFrame, source, [start]);
      }),
    ) ?? 'none';
  const own = memo.poses === 'none' ? undefined : memo.poses;
  const others =
    candidate && [candidate.previous, candidate.next].map((pose) => scaled(pose, 1 / toCandidate));
  const isBetter = others?.map((pose, i) => {
    const mine = own && [own.previous, own.next][i];
    if (mine === undefined) return true;
    const [theirs, ours] = [pose, mine].map((each) => poseResidual(parentFrame, sources[i], each));
    return theirs < CLEARLY * ours;
  });
  if (others === undefined || isBetter === undefined || !isBetter.includes(true)) {
    return { parent: own, candidate, isOwn: true };
  }
  const improved = sources.map((source, i) => {
    const mine = own && [own.previous, own.next][i];
    const starts = [mine, isBetter[i] ? others[i] : undefined].filter((pose) => pose !== undefined);
    return refinePose(parentFrame, source, starts);
  });
  return { parent: posesFrom(parentFrame, improved) ?? own, candidate, isOwn: false };
}

/** A fit has to be this much better to be no matter of rounding. */
const CLEARLY = 0.999;

function posesFrom(
  frame: DepthFrame,
  [previous, next]: readonly (DirectPose | undefined)[],
): TripletPoses | undefined {
  if (previous === undefined || next === undefined) return undefined;
  const poses = { previous: previous.sourceFromTarget, next: next.sourceFromTarget };
  const parallax = Object.values(poses).map((pose) => medianParallax(frame, pose));
  return { ...poses, parallaxPixels: Math.min(...parallax) };
}

/** The same rotation, a multiple of the translation. */
function scaled(pose: RigidTransform, factor: number): RigidTransform {
  return pose.map((value, i) => (i % 4 === 3 && i < 12 ? value * factor : value));
}
