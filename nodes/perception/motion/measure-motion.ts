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
/** Half the width of the search beside where it should be, pixels. */
const SEARCH = 15;

/**
 * Measures a component's residual motion between two views.
 *
 * First where it were if it stood still, then along its epipolar line, where errors of the depth would put it, then as
 * `expected`; without an expectation, as a thing that moves as the camera does or against it, and in a window around.
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
    const found = fitMotion(later, earlier, samples, positions, start, levels);
    if (found !== undefined && (fit === undefined || quality(found) > quality(fit) + MARGIN)) fit = found;
  };
  const best = (places: Iterable<ResidualMotion>): ResidualMotion | undefined => {
    let [place, top]: [ResidualMotion | undefined, number] = [undefined, -1];
    for (const candidate of places) {
      const found = likeness(later, earlier, samples, positions, candidate);
      if (found.seen >= LEAST_SEEN && quality(found) > top) [place, top] = [candidate, quality(found)];
    }
    return place;
  };

  consider(NO_RESIDUAL, 1);
  if (!isGood()) consider(best(placesByDepth(byDepth)) ?? NO_RESIDUAL, 2);
  if (!isGood()) {
    if (expected !== undefined) consider(expected, 2);
    else {
      consider(asCamera, 2);
      consider(scaledMotion(asCamera, -1), 2);
      const place = isGood() ? undefined : best(placesAround());
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

function* placesByDepth(byDepth: ResidualMotion): Generator<ResidualMotion> {
  const reach = DEPTH_RANGE * Math.hypot(byDepth.du, byDepth.dv);
  const steps = Math.max(1, Math.min(MOST_DEPTHS, Math.ceil(reach / DEPTH_SPACING)));
  for (let i = -steps; i <= steps; i++) yield scaledMotion(byDepth, (DEPTH_RANGE * i) / steps);
}

/** Things on a road move sideways in the picture, and grow or shrink. */
function* placesAround(): Generator<ResidualMotion> {
  for (let du = -SEARCH; du <= SEARCH; du += 3) {
    for (let dv = -2; dv <= 2; dv += 2) for (const growth of [-0.12, 0, 0.12]) yield { du, dv, growth };
  }
}
