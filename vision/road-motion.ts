import type { Intrinsics } from '../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../msgs/camera/rigid-transform.js';
import type { GreyLevel } from './grey-pyramid.js';

/** Two pictures of a road, and how the camera came from one to the other. */
export interface RoadPair {
  /** The one that was taken farther ahead: all of the road that it shows nearby the other one shows, too. */
  readonly ahead: GreyLevel;
  /** 1 on its road, [H, W]. */
  readonly road: Uint8Array;
  readonly behind: GreyLevel;
  /** Its translation in heights of the camera over the road, about. */
  readonly behindFromAhead: RigidTransform;
  /** Intrinsics of both pictures. */
  readonly intrinsics: Intrinsics;
}

/** The way that explains the road best, if the camera looks at it under a given pitch. */
export interface RoadFit {
  /** Mean robust squared difference of the pictures. */
  readonly cost: number;
  /** ln of the way in camera heights / that of the pair's pose. */
  readonly stretch: number;
  /** Whether other ways explain the road plainly worse. */
  readonly tells: boolean;
}

/** Ways that are tried, as ln of their ratio to that of the pose; then finer ones around the best. */
const STEP = 0.04;
const STRETCHES = Array.from({ length: 31 }, (_, i) => (i - 15) * STEP);
const FINE_STEP = 0.01;
const FINE = [-3, -2, -1, 0, 1, 2, 3].map((i) => i * FINE_STEP);
/** A way that is off by so many steps has to fit worse by this factor, or the road shows nothing. */
const OTHER_STEPS = 5;
const LEAST_CONTRAST = 1.1;
/** Road between these distances counts, camera heights: nearer it is blurred, farther a bend of the road shows. */
const NEAREST = 2;
const FARTHEST = 11;
const LEAST_PIXELS = 150;
const MOST_PIXELS = 1500;
/** Grey differences beyond this count linearly (Huber), 0..1. */
const BOUND = 0.03;
/** Shading and exposure go with the mean of a window of so many pixels to each side, as a share of the width. */
const WINDOW = 1 / 120;

/**
 * Compares two pictures of a road by the homography H = R + t n' / d of its plane, for multiples of t. The plane's normal n
 * is given up to a pitch, and d = 1 camera height. A camera that came twice as far sees the road move twice as much, whatever
 * anybody's depth says: the way is in camera heights. A depth is not used.
 *
 * The plane is y cos(pitch) + z sin(pitch) = 1 in the optical frame; a camera that looks down has a pitch above 0.
 * @param pitches radians.
 * @returns a fit for every pitch; undefined where too little road is seen.
 * Source: the homography of a plane (Hartley and Zisserman, 13.1); the camera's height as the unit of a road's motion as in
 * Song and Chandraker 2014, "Robust scale estimation in real-time monocular SFM for autonomous driving".
 */
export function roadFits(pair: RoadPair, pitches: readonly number[]): (RoadFit | undefined)[] {
  const pixels = roadPixels(pair, pitches);
  if (pixels === undefined) return pitches.map(() => undefined);
  const ahead = withoutShading(pair.ahead);
  const behind = withoutShading(pair.behind);
  return pitches.map((pitch) => {
    const points = turned(pixels, pair, pitch);
    return bestFit((stretch) => costOf(points, pair, ahead, behind, Math.exp(stretch)));
  });
}

function bestFit(costOfWay: (stretch: number) => number): RoadFit {
  const costs = STRETCHES.map(costOfWay);
  const best = lowest(costs);
  const coarse = STRETCHES[best] as number;
  if (best === 0 || best === costs.length - 1)
    return { cost: costs[best] as number, stretch: coarse, tells: false };
  const others = [best - OTHER_STEPS, best + OTHER_STEPS].flatMap((i) => costs[i] ?? []);
  const fine = FINE.map((off) => costOfWay(coarse + off));
  const middle = Math.max(1, Math.min(fine.length - 2, lowest(fine)));
  const [left, cost, right] = [-1, 0, 1].map((i) => fine[middle + i]) as [number, number, number];
  const bend = left - 2 * cost + right;
  return {
    cost,
    stretch: coarse + (FINE[middle] as number) + (bend > 0 ? (FINE_STEP * (left - right)) / (2 * bend) : 0),
    tells: bend > 0 && others.every((other) => other > LEAST_CONTRAST * cost),
  };
}

function lowest(values: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) < (values[best] as number)) best = i;
  return best;
}

/** Pixels of the road and, turned into the other camera, what they show, camera heights. */
interface RoadPoints {
  readonly pixels: Int32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
}

/**
 * Pixels of the road within the distances that count, which the other picture shows whatever way and pitch are. All are asked
 * about the same ones. Undefined where there are few.
 */
function roadPixels(pair: RoadPair, pitches: readonly number[]): Int32Array | undefined {
  const {
    ahead: { width, height },
    road,
    intrinsics: { fy, cy },
  } = pair;
  const usual = pitches[pitches.length >> 1] ?? 0;
  const isNear = (i: number) => {
    const z = distanceAt((Math.floor(i / width) - cy) / fy, usual);
    return z > NEAREST && z < FARTHEST;
  };
  const near = Int32Array.from(road.keys()).filter((i) => road[i] === 1 && isNear(i));
  const step = Math.max(1, Math.ceil(near.length / MOST_PIXELS));
  const some = near.filter((_, i) => i % step === 0);
  const isSeen = new Uint8Array(some.length).fill(1);
  const ends = [STRETCHES[0], STRETCHES[STRETCHES.length - 1]].map((stretch) => Math.exp(stretch as number));
  for (const pitch of [pitches[0] ?? 0, usual, pitches[pitches.length - 1] ?? 0]) {
    const points = turned(some, pair, pitch);
    for (let k = 0; k < some.length; k++) {
      for (const factor of ends) {
        const { u, v, depth } = seenAt(points, k, pair, factor);
        if (!(depth > 0 && u >= 0 && v >= 0 && u < width - 1 && v < height - 1)) isSeen[k] = 0;
      }
    }
  }
  const seen = some.filter((_, k) => isSeen[k] === 1);
  return seen.length * step < LEAST_PIXELS ? undefined : seen;
}

/** Distance along the optical axis to the plane y cos + z sin = 1 on the ray (x, y, 1). */
function distanceAt(y: number, pitch: number): number {
  return 1 / (y * Math.cos(pitch) + Math.sin(pitch));
}

function turned(
  pixels: Int32Array,
  { ahead: { width }, behindFromAhead: m, intrinsics: { fx, fy, cx, cy } }: RoadPair,
  pitch: number,
): RoadPoints {
  const points = {
    pixels,
    x: new Float64Array(pixels.length),
    y: new Float64Array(pixels.length),
    z: new Float64Array(pixels.length),
  };
  for (let k = 0; k < pixels.length; k++) {
    const i = pixels[k] as number;
    const rayX = ((i % width) - cx) / fx;
    const rayY = (Math.floor(i / width) - cy) / fy;
    const z = distanceAt(rayY, pitch);
    const x = rayX * z;
    const y = rayY * z;
    points.x[k] = at(m, 0) * x + at(m, 1) * y + at(m, 2) * z;
    points.y[k] = at(m, 4) * x + at(m, 5) * y + at(m, 6) * z;
    points.z[k] = at(m, 8) * x + at(m, 9) * y + at(m, 10) * z;
  }
  return points;
}

function seenAt(
  { x, y, z }: RoadPoints,
  k: number,
  { behindFromAhead: m, intrinsics: { fx, fy, cx, cy } }: RoadPair,
  factor: number,
): { readonly u: number; readonly v: number; readonly depth: number } {
  const depth = (z[k] as number) + factor * at(m, 11);
  return {
    u: (fx * ((x[k] as number) + factor * at(m, 3))) / depth + cx,
    v: (fy * ((y[k] as number) + factor * at(m, 7))) / depth + cy,
    depth,
  };
}

function costOf(
  { pixels, x, y, z }: RoadPoints,
  { behind: { width }, behindFromAhead: m, intrinsics: { fx, fy, cx, cy } }: RoadPair,
  ahead: Float32Array,
  behind: Float32Array,
  factor: number,
): number {
  const [mx, my, mz] = [factor * at(m, 3), factor * at(m, 7), factor * at(m, 11)];
  let sum = 0;
  for (let k = 0; k < pixels.length; k++) {
    const depth = (z[k] as number) + mz;
    const u = (fx * ((x[k] as number) + mx)) / depth + cx;
    const v = (fy * ((y[k] as number) + my)) / depth + cy;
    const column = u | 0;
    const row = v | 0;
    const a = u - column;
    const b = v - row;
    const i = row * width + column;
    const grey =
      (1 - b) * ((1 - a) * (behind[i] as number) + a * (behind[i + 1] as number)) +
      b * ((1 - a) * (behind[i + width] as number) + a * (behind[i + width + 1] as number));
    const off = Math.abs(grey - (ahead[pixels[k] as number] as number));
    sum += off <= BOUND ? off * off : BOUND * (2 * off - BOUND);
  }
  return sum / pixels.length;
}

/** Grey values minus their mean in the window around. */
function withoutShading({ width, height, data }: GreyLevel): Float32Array {
  const reach = Math.max(3, Math.round(WINDOW * width));
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let along = 0;
    for (let x = 0; x < width; x++) {
      along += data[y * width + x] as number;
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] as number) + along;
    }
  }
  const sum = (x: number, y: number) => sums[y * (width + 1) + x] as number;
  return data.map((value, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [left, right] = [Math.max(0, x - reach), Math.min(width, x + reach + 1)];
    const [top, bottom] = [Math.max(0, y - reach), Math.min(height, y + reach + 1)];
    const total = sum(right, bottom) - sum(left, bottom) - sum(right, top) + sum(left, top);
    return value - total / ((right - left) * (bottom - top));
  });
}

function at(values: ArrayLike<number>, i: number): number {
  return values[i] as number; // of a 4x4 matrix
}
