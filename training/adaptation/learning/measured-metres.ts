import type { CameraHeight } from '../../../msgs/camera/camera-height.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { heightOver } from '../../../vision/ground-plane.js';
import { roadPlane } from '../../../vision/road-plane.js';
import type { Sample } from '../../datasets/stores/sample.js';
import { SampleStore } from '../../datasets/stores/sample-store.js';
import { type MovedFrames, roadWay } from '../drive/road-way.js';
import { type MeasuredTriplet, scaledTriplets } from '../drive/scaled-triplets.js';
import type { DriveTriplet } from '../drive/select-triplets.js';
import type { AdaptationBatchesOptions, PosedTriplet } from './adaptation-batches.js';

const ROAD = 0;

/** Triplets of a drive whose road is looked at; of more some, evenly spread. */
const MOST_ROADS = 60;

/**
 * Poses with the metres that the vehicle or the height of its camera tells, drive by drive; as they are where nothing tells any.
 * A known height tells them by the motion of the road; where that says nothing, by the parent's depth of it.
 * @param triplets those that were selected, with what the vehicle measured. @param frames with the parent's depth and labels.
 */
export function withMeasuredMetres(
  posed: readonly PosedTriplet[],
  triplets: readonly DriveTriplet[],
  { frames, intrinsics, cameraHeight, report }: MeasuredMetresOptions,
): PosedTriplet[] {
  const selected = new Map(triplets.map((triplet) => [triplet.target, triplet]));
  const store = SampleStore.open(frames.folder, frames.description);
  const read = (index: number) => store.read(index);
  try {
    return [...new Set(posed.map(({ drive }) => drive))].flatMap((drive) => {
      const own = posed.filter((each) => each.drive === drive);
      const measured = own.map(({ target }): MeasuredTriplet => {
        const { meters } = selected.get(target) ?? {};
        return { previousMeters: meters?.previous, nextMeters: meters?.next };
      });
      const byWay = scaledTriplets(own, measured, undefined);
      if (cameraHeight === undefined || byWay.some(({ depthFactor }) => depthFactor !== undefined))
        return byWay;
      if (cameraHeight !== 'constant') {
        const byRoad = scaledByRoad(own, read, intrinsics[drive], cameraHeight, report);
        if (byRoad !== undefined) return byRoad;
      }
      const heights = own.map(({ target }) => ({ roadHeight: roadHeight(read(target), intrinsics[drive]) }));
      return scaledTriplets(own, heights, cameraHeight);
    });
  } finally {
    store.close();
  }
}

export interface MeasuredMetresOptions {
  readonly frames: AdaptationBatchesOptions['frames'];
  readonly intrinsics: readonly Intrinsics[];
  readonly cameraHeight: CameraHeight | undefined;
  report(line: string): void;
}

/** Poses with the lengths that the road's motion says, and the road itself; undefined where it does not say. */
function scaledByRoad(
  triplets: readonly PosedTriplet[],
  read: (index: number) => Sample,
  intrinsics: Intrinsics,
  cameraHeight: number,
  report: (line: string) => void,
): PosedTriplet[] | undefined {
  const every = Math.max(1, triplets.length / MOST_ROADS);
  const chosen = triplets.filter((_, i) => Math.floor(i / every) !== Math.floor((i - 1) / every));
  const way = roadWay(chosen.flatMap(movedFrames), read, intrinsics, cameraHeight);
  if (way === undefined) return undefined;
  const metersOf = new Map(
    chosen.map(({ target }, i) => [
      target,
      { previousMeters: way.meters[2 * i], nextMeters: way.meters[2 * i + 1] },
    ]),
  );
  const scaled = scaledTriplets(
    triplets,
    triplets.map(({ target }) => metersOf.get(target) ?? {}),
    undefined,
  );
  const { mean, low, high } = way.factor;
  const degrees = (Math.atan(-way.plane.c) * 180) / Math.PI;
  report(
    `the road's motion under a camera at ${cameraHeight} m says ${mean.toFixed(3)} times the model's metres (95 % ` +
      `${low.toFixed(3)} to ${high.toFixed(3)}); the camera looks ${Math.abs(degrees).toFixed(1)} degrees ${degrees < 0 ? 'up' : 'down'}`,
  );
  return scaled.some(({ depthFactor }) => depthFactor !== undefined)
    ? scaled.map((each) => ({ ...each, road: way.plane }))
    : undefined;
}

/** A triplet's two motions: to its previous picture, then to its next one. */
export function movedFrames({
  target,
  previous,
  next,
  previousPose,
  nextPose,
}: Pick<PosedTriplet, 'target' | 'previous' | 'next' | 'previousPose' | 'nextPose'>): MovedFrames[] {
  return [
    { target, source: previous, sourceFromTarget: previousPose },
    { target, source: next, sourceFromTarget: nextPose },
  ];
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
