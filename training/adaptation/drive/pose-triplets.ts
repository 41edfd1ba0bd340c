import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { depthFrame, directPose } from '../../../vision/direct-pose.js';
import type { SlopedLevel } from '../../../vision/sloped-pyramid.js';
import { slopedPyramid } from '../../../vision/sloped-pyramid.js';
import type { Sample } from '../../datasets/stores/sample.js';
import { SampleStore } from '../../datasets/stores/sample-store.js';
import type { AdaptationBatchesOptions, PosedTriplet } from '../learning/adaptation-batches.js';
import { type MotionPixels, steadierPixels } from './motion-pixels.js';
import type { DriveTriplet } from './select-triplets.js';
import { steadyMotions } from './steady-motions.js';
import { PYRAMID_LEVELS, roadWeight, staticWeight } from './survey.js';

/** A triplet without or with the pixels that tell its motion. */
type Unposed = Pick<DriveTriplet, 'target' | 'previous' | 'next' | 'drive'> &
  Partial<Pick<PosedTriplet, 'pixels'>>;

/**
 * Finds the poses of triplets with the depth in the store; those without any, and those that jump, are left out. Where nobody said before which
 * pixels tell the motion, both are tried, and the ones whose motion is steadier count for the whole drive.
 */
export async function poseTriplets(
  frames: AdaptationBatchesOptions['frames'],
  triplets: readonly Unposed[],
  intrinsics: readonly Intrinsics[],
  depthOf?: (target: Uint8Array, drive: number) => Promise<Float32Array>,
): Promise<PosedTriplet[]> {
  const store = SampleStore.open(frames.folder, frames.description);
  const posed: Record<MotionPixels, PosedTriplet[]> = { static: [], road: [] };
  try {
    for (const triplet of triplets) {
      const { target, previous, next, drive, pixels } = triplet;
      const [at, before, after] = [target, previous, next].map((index) => store.read(index));
      const depth = depthOf === undefined ? at.depthMeters : await depthOf(at.rgb, drive);
      const pyramids = [at, before, after].map((sample) => slopedPyramid(sample, PYRAMID_LEVELS));
      for (const each of pixels === undefined ? (['static', 'road'] as const) : [pixels]) {
        const poses = posesBy(each, at, depth, pyramids, intrinsics[drive]);
        if (poses !== undefined) posed[each].push({ target, previous, next, drive, pixels: each, ...poses });
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    store.close();
  }
  const all = triplets.flatMap(({ drive }) => drive);
  return [...new Set(all)].flatMap((drive) => {
    const [still, road] = [posed.static, posed.road].map((each) => each.filter((one) => one.drive === drive));
    return steadyMotions(steadierPixels(still, road) === 'road' ? road : still);
  });
}

function posesBy(
  pixels: MotionPixels,
  { labels }: Sample,
  depth: Float32Array,
  [target, previous, next]: readonly (readonly SlopedLevel[])[],
  intrinsics: Intrinsics,
): { readonly previousPose: RigidTransform; readonly nextPose: RigidTransform } | undefined {
  const weight = pixels === 'road' ? roadWeight(labels) : staticWeight(labels, depth.length);
  if (weight === undefined) return undefined;
  const frame = depthFrame(target, depth, weight, intrinsics);
  const previousPose = directPose(frame, previous, -1)?.sourceFromTarget;
  const nextPose = directPose(frame, next, 1)?.sourceFromTarget;
  return previousPose === undefined || nextPose === undefined ? undefined : { previousPose, nextPose };
}
