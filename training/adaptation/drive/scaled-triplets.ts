import type { CameraHeight } from '../../../msgs/camera/camera-height.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { median } from '../../../vision/median.js';
import type { PosedTriplet } from '../learning/adaptation-batches.js';

/** What is known of the metres of a triplet, beside the model's depth. */
export interface MeasuredTriplet {
  /** Metres from the target to its neighbours, as the vehicle measured them. */
  readonly previousMeters?: number | undefined;
  readonly nextMeters?: number | undefined;
  /** Height of the camera over the road by the model's depth of the target. */
  readonly roadHeight?: number | undefined;
}

/** A vehicle that is slower does not tell a scale, metres between two pictures. */
const LEAST_METERS = 0.1;
/** Heights that are farther than this from what a drive says together are no measurements: a crest, a wrong label. */
const MOST_DEVIATION = 1.3;
/** Fewer measurements say nothing about a drive. */
const LEAST_MEASURED = 5;

/**
 * Gives the poses of one drive the metres that were measured, and says by which factor the model's depth is wrong there. What the
 * vehicle measured comes first; else the camera's height is the same in every picture. What nobody measured stays as it is,
 * times the factor of the whole drive.
 * @param measured of the triplets, in their order.
 */
export function scaledTriplets(
  triplets: readonly PosedTriplet[],
  measured: readonly MeasuredTriplet[],
  cameraHeight: CameraHeight | undefined,
): PosedTriplet[] {
  const factors = triplets.map((triplet, i) => wayFactor(triplet, measured[i]));
  const known = factors.filter((factor) => factor !== undefined);
  if (known.length >= LEAST_MEASURED) {
    const whole = median(known);
    return triplets.map((triplet, i) => {
      const { previousMeters, nextMeters } = measured[i];
      return {
        ...triplet,
        previousPose: ofLength(triplet.previousPose, previousMeters, whole),
        nextPose: ofLength(triplet.nextPose, nextMeters, whole),
        depthFactor: whole,
      };
    });
  }
  if (cameraHeight === undefined) return [...triplets];
  const heights = measured.map(({ roadHeight }) => roadHeight);
  const seen = heights.filter((height) => height !== undefined);
  if (seen.length < LEAST_MEASURED) return [...triplets];
  const usual = median(seen);
  const meters = cameraHeight === 'constant' ? usual : cameraHeight;
  return triplets.map((triplet, i) => {
    const height = heights[i];
    const isUsual = height !== undefined && Math.abs(Math.log(height / usual)) < Math.log(MOST_DEVIATION);
    const depthFactor = meters / (isUsual ? height : usual);
    return {
      ...triplet,
      previousPose: times(triplet.previousPose, depthFactor),
      nextPose: times(triplet.nextPose, depthFactor),
      depthFactor,
    };
  });
}

/** Measured metres / those of the poses; undefined where nothing was measured. */
function wayFactor(
  { previousPose, nextPose }: PosedTriplet,
  { previousMeters, nextMeters }: MeasuredTriplet,
): number | undefined {
  const ratios = [
    [previousMeters, previousPose],
    [nextMeters, nextPose],
  ] as const;
  const known = ratios.flatMap(([meters, pose]) =>
    meters !== undefined && meters >= LEAST_METERS && lengthOf(pose) > 0 ? [meters / lengthOf(pose)] : [],
  );
  return known.length === 0 ? undefined : Math.sqrt(known[0] * (known[1] ?? known[0]));
}

function ofLength(pose: RigidTransform, meters: number | undefined, otherwise: number): RigidTransform {
  const own = lengthOf(pose);
  return times(pose, meters !== undefined && meters >= LEAST_METERS && own > 0 ? meters / own : otherwise);
}

/** Metres between the two cameras. */
export function lengthOf(pose: RigidTransform): number {
  return Math.hypot(pose[3], pose[7], pose[11]);
}

/** The same rotation, a multiple of the translation. */
function times(pose: RigidTransform, factor: number): RigidTransform {
  return pose.map((value, i) => (i % 4 === 3 && i < 12 ? value * factor : value));
}
