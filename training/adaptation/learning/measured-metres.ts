import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { heightOver } from '../../../vision/ground-plane.js';
import { roadPlane } from '../../../vision/road-plane.js';
import { SampleStore } from '../../datasets/stores/sample-store.js';
import { type CameraHeight, scaledTriplets } from '../drive/scaled-triplets.js';
import type { DriveTriplet } from '../drive/select-triplets.js';
import type { AdaptationBatchesOptions, PosedTriplet } from './adaptation-batches.js';

const ROAD = 0;

/**
 * Poses with the metres that the vehicle or the height of its camera tells, drive by drive; as they are where nothing tells any.
 * @param triplets those that were selected, with what the vehicle measured. @param frames with the parent's depth and labels.
 */
export function withMeasuredMetres(
  posed: readonly PosedTriplet[],
  triplets: readonly DriveTriplet[],
  {
    frames,
    intrinsics,
    cameraHeight,
  }: {
    readonly frames: AdaptationBatchesOptions['frames'];
    readonly intrinsics: readonly Intrinsics[];
    readonly cameraHeight: CameraHeight | undefined;
  },
): PosedTriplet[] {
  const selected = new Map(triplets.map((triplet) => [triplet.target, triplet]));
  const store = SampleStore.open(frames.folder, frames.description);
  try {
    return [...new Set(posed.map(({ drive }) => drive))].flatMap((drive) => {
      const own = posed.filter((each) => each.drive === drive);
      const measured = own.map(({ target }) => {
        const { meters } = selected.get(target) ?? {};
        return {
          previousMeters: meters?.previous,
          nextMeters: meters?.next,
          roadHeight:
            cameraHeight === undefined ? undefined : roadHeight(store.read(target), intrinsics[drive]),
        };
      });
      return scaledTriplets(own, measured, cameraHeight);
    });
  } finally {
    store.close();
  }
}

/** Height of the camera over the road by a depth, in its unit; undefined where too little road is seen. */
export function roadHeight(
  picture: {
    readonly depthMeters: Float32Array;
    readonly labels: Uint8Array;
    readonly width: number;
    readonly height: number;
  },
  intrinsics: Intrinsics,
): number | undefined {
  const { depthMeters: depth, labels, width, height } = picture;
  const plane = roadPlane({ depth, labels, width, height }, intrinsics, ROAD);
  return plane && heightOver(plane);
}
