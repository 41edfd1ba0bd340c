import { composeTransforms, invertTransform } from '../../../msgs/camera/rigid-transform.js';
import type { ComponentSamples } from './component-samples.js';
import { fitMotion, LEAST_SEEN, type MotionFit } from './fit-motion.js';
import { likeness, quality } from './likeness.js';
import type { MeasuredMotion } from './motion-evidence.js';
import type { MotionView } from './motion-view.js';
import { NO_RESIDUAL, type ResidualMotion, scaledMotion } from './residual-motion.js';
import { type Spread, type StaticPositions, spreadOf, staticPositions } from './static-positions.js';

/** By which the depth is varied to see what its error does, relative. */
const DEPTH_STEP = 1.05;
/** Errors of the depth that are tried, as logarithms, and the distance between two of them in pixels. */
const DEPTH_RANGE = 0.3;
const DEPTH_SPACING = 1.5;
const MOST_DEPTHS = 12;
/** A component that is as alike as this where it should be stands there: other places are not tried. */
const GOOD = 0.9;
/** By how much another place must be better than an earlier one. */
const MARGIN = 0.03;
/** Of many places the most likely ones by so many samples are compared by all of them. */
const ROUGH_SAMPLES = 13;
const RUNNERS_UP = 5;
/** Half the width of the search beside where it should be, pixels. */
const SEARCH = 15;

/**
 * Measures a component's residual motion between two views.
 *
 * First where it were if it stood still, then along its epipolar line, where errors of the depth would put it, then as
 * `expected`. Without an expectation, it is sought as a thing that moves as the camera does or against it, and in a window
 * around.
 * @returns undefined where it is hidden, out of the picture, or has no structure.
 */
export function measureMotion(
  samples: ComponentSamples,
  later: MotionView,
  earlier: MotionView,
  expected?: ResidualMotion,
): { measured: MeasuredMotion; positions: StaticPositions } | undefined {
  const earlierFromLater = composeTransforms(invertTransform(earlier.worldFromCamera), later.worldFromCamera);
  const positions = staticPositions(samples, later.intrinsics, earlierFromLater);
  const { spread } = positions;
  if (!(spread.radius > 0.5)) return undefined;
  const asCamera = difference(spreadOf(samples.u, samples.v, samples.depth), spread);
  const otherDepth = staticPositions(samples, later.intrinsics, earlierFromLater, DEPTH_STEP).spread;
  const byDepth = scaledMotion(difference(otherDepth, spread), 1 / Math.log(DEPTH_STEP));

  let fit: MotionFit | undefined;
  const isGood = (): boolean => fit !== undefined && quality(fit) >= GOOD;
  const consider = (start: ResidualMotion, levels: number): void => {
    const found = fitMotion(later, { earlier, samples, positions, start, levels });
    if (found !== undefined && (fit === undefined || quality(found) > quality(fit) + MARGIN)) fit = found;
  };
  const likely = (places: readonly ResidualMotion[], most: number, every: number): ResidualMotion[] => {
    const found: { readonly place: ResidualMotion; readonly worth: number }[] = [];
    for (const place of places) {
      const alike = likeness(later, { earlier, samples, positions, motion: place, every });
      if (alike.seen >= LEAST_SEEN) found.push({ place, worth: quality(alike) });
    }
    // Stable: of equal ones the earlier is taken.
    found.sort((a, b) => b.worth - a.worth);
    return found.slice(0, most).map(({ place }) => place);
  };
  const best = (places: readonly ResidualMotion[]): ResidualMotion | undefined => {
    const every = Math.floor(samples.count / ROUGH_SAMPLES);
    return likely(every < 2 ? places : likely(places, RUNNERS_UP, every), 1, 1)[0];
  };

  consider(NO_RESIDUAL, 1);
  if (!isGood()) consider(best(placesByDepth(byDepth)) ?? NO_RESIDUAL, 2);
  if (!isGood()) {
    if (expected !== undefined) consider(expected, 2);
    else {
      consider(asCamera, 2);
      consider(scaledMotion(asCamera, -1), 2);
      const place = isGood() ? undefined : best(PLACES_AROUND);
      if (place !== undefined) consider(place, 1);
    }
  }
  if (fit === undefined) return undefined;
  const { fx, cx, cy } = later.intrinsics;
  const parallax = Math.hypot(asCamera.du, asCamera.dv, asCamera.growth * spread.radius);
  const seconds = Number(later.stampNs - earlier.stampNs) / 1e9;
  return {
    measured: { fit, seconds, focal: fx, centre: { u: cx, v: cy }, spread, parallax, byDepth },
    positions,
  };
}

function difference(to: Spread, from: Spread): ResidualMotion {
  return { du: to.u - from.u, dv: to.v - from.v, growth: Math.log(to.radius / from.radius) };
}

function placesByDepth(byDepth: ResidualMotion): ResidualMotion[] {
  const reach = DEPTH_RANGE * Math.hypot(byDepth.du, byDepth.dv);
  const steps = Math.max(1, Math.min(MOST_DEPTHS, Math.ceil(reach / DEPTH_SPACING)));
  return Array.from({ length: 2 * steps + 1 }, (_, i) =>
    scaledMotion(byDepth, (DEPTH_RANGE * (i - steps)) / steps),
  );
}

/** Things on a road move sideways in the picture, and grow or shrink. */
const PLACES_AROUND: readonly ResidualMotion[] = Array.from({ length: 1 + (2 * SEARCH) / 3 }, (_, i) =>
  [-2, 0, 2].flatMap((dv) => [-0.12, 0, 0.12].map((growth) => ({ du: 3 * i - SEARCH, dv, growth }))),
).flat();
