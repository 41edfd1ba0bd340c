import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { depthFrame, directPose } from '../../../vision/direct-pose.js';
import { greyPyramid } from '../../../vision/sloped-pyramid.js';
import { SampleStore } from '../../datasets/stores/sample-store.js';
import type { AdaptationBatchesOptions, PosedTriplet } from '../learning/adaptation-batches.js';
import type { DriveTriplet } from './select-triplets.js';
import { PYRAMID_LEVELS, staticWeight } from './survey.js';

/** Finds the poses of triplets with the depth in the store; those without any are left out. */
export async function poseTriplets(
  frames: AdaptationBatchesOptions['frames'],
  triplets: readonly Pick<DriveTriplet, 'target' | 'previous' | 'next' | 'drive'>[],
  intrinsics: readonly Intrinsics[],
  depthOf?: (target: Uint8Array, drive: number) => Promise<Float32Array>,
): Promise<PosedTriplet[]> {
  const store = SampleStore.open(frames.folder, frames.description);
  const posed: PosedTriplet[] = [];
  try {
    for (const { target, previous, next, drive } of triplets) {
      const [at, before, after] = [target, previous, next].map((index) => store.read(index));
      const depth = depthOf === undefined ? at.depthMeters : await depthOf(at.rgb, drive);
      const weight = staticWeight(at.labels, depth.length);
      const frame = depthFrame(greyPyramid(at, PYRAMID_LEVELS), depth, weight, intrinsics[drive]);
      const previousPose = directPose(frame, greyPyramid(before, PYRAMID_LEVELS), -1)?.sourceFromTarget;
      const nextPose = directPose(frame, greyPyramid(after, PYRAMID_LEVELS), 1)?.sourceFromTarget;
      if (previousPose !== undefined && nextPose !== undefined) {
        posed.push({ target, previous, next, drive, previousPose, nextPose });
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    store.close();
  }
  return posed;
}
