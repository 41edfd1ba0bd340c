import { median } from '../../../vision/median.js';
import { slopedPyramid } from '../../../vision/sloped-pyramid.js';
import type { PinholeView } from '../drive/pinhole-view.js';
import { lengthOf } from '../drive/scaled-triplets.js';
import { PYRAMID_LEVELS, staticWeight } from '../drive/survey.js';
import { roadHeight } from '../learning/measured-metres.js';
import { dilated, dynamicMap, eroded, fixedPixels } from './fixed-pixels.js';
import { footDepth } from './foot-depth.js';
import type { OwnMetres } from './metre-figures.js';
import { type PhotometricScore, picturePlanes } from './photometric-score.js';
import { findBothPoses, type PosesMemo, type TripletPoses } from './triplet-poses.js';

/** Size and intrinsics are what counts of a view here. */
type View = Pick<PinholeView, 'width' | 'height' | 'intrinsics'>;

/** A frame with what both models make of it; arrays are [H, W] of the view. */
export interface JudgedFrame {
  readonly rgb: Uint8Array;
  /** Labels of the parent, because the judged model must not decide what counts. */
  readonly labels: Uint8Array;
  readonly parentDepth: Float32Array;
  readonly candidateDepth: Float32Array;
}

export interface JudgedTriplet {
  readonly target: JudgedFrame;
  readonly previous: JudgedFrame;
  readonly next: JudgedFrame;
}

/** What one model does to a triplet. */
export interface ModelFigures {
  /** Mean photometric error over the fixed pixels, 0..1. */
  readonly error: number;
  /** Mean of |z - z'| / (z + z') between the depth seen from the neighbour and the neighbour's own, 0..1. */
  readonly inconsistency: number;
  /** Standard deviation of log depth over the finite pixels: near 0 for a collapsed model. */
  readonly spread: number;
  readonly metres?: OwnMetres;
}

export interface TripletFigures {
  /** Share of the view that counts. */
  readonly pixels: number;
  readonly parallaxPixels: number;
  readonly parent: ModelFigures;
  readonly candidate: ModelFigures;
  /** Pixels of the candidate's three depths that are NaN or not positive. */
  readonly invalid: number;
  /** Median of candidate / parent over the fixed pixels. */
  readonly scale: number;
  /** Correlation of both log depths over the pixels where both are finite. */
  readonly likeness: number;
  /** New ones inside of objects of dynamic classes, beyond what the ground at their feet explains, and on the fixed pixels. */
  readonly holes: { readonly dynamicPixels: number; readonly dynamic: number; readonly still: number };
  /** Median of candidate / (scale parent) inside of objects of dynamic classes; undefined without any. */
  readonly dynamicRatio: number | undefined;
}

/** A triplet with fewer pixels that count says nothing. */
const LEAST_PIXELS = 0.15;
const LEAST_PARALLAX = 1;
/** Fewer pixels inside of objects do not show how far the objects are. */
const LEAST_DYNAMIC = 60;
/** A pixel that is this much farther than the parent has it, beside a common scale, is a hole. */
const HOLE = 2;
/** But not if it is at most so much farther than the ground on which its object stands: there the parent had it too near. */
const STANDING = 1.5;

/** What of the parent's side does not depend on who is compared with it; filled by the first comparison. */
export interface TripletMemo extends PosesMemo {
  side?: ParentSide;
  /** Whoever is compared: the triplet has too little parallax or too few pixels. */
  saysNothing?: boolean;
}

/** The parent at the poses that it finds by itself. */
interface ParentSide {
  readonly fixed: Uint8Array;
  readonly pixels: number;
  readonly figures: ModelFigures;
  /** Error of the neighbours as they are, over the fixed pixels. */
  readonly stillError: number;
}

/**
 * Compares two models on one triplet: same pixels, poses found in the same way for each from its own depth.
 *
 * The fixed pixels are those that, as the parent has it, belong to no dynamic class. They come from no dynamic class of a
 * neighbour (SGDepth, eq. 8). They lie inside at least one neighbour, and change between the pictures.
 * @param memo of this triplet: spares work when another candidate is compared with the same parent.
 * @returns undefined when the triplet has too little parallax or too few such pixels, or when the parent finds no pose.
 */
export async function judgeTriplet(
  { target, previous, next }: JudgedTriplet,
  view: View,
  score: PhotometricScore,
  memo: TripletMemo = {},
): Promise<TripletFigures | undefined> {
  const { width, height, intrinsics } = view;
  const dynamic = [target, previous, next].map(({ labels }) => dilated(dynamicMap(labels), width, height));
  const grey = [target, previous, next].map(({ rgb }) =>
    slopedPyramid({ width, height, rgb }, PYRAMID_LEVELS),
  );
  const weight = staticWeight(target.labels, width * height);
  const pictures = {
    target: picturePlanes(target.rgb),
    previous: picturePlanes(previous.rgb),
    next: picturePlanes(next.rgb),
  };
  const {
    parent: parentPoses,
    candidate: candidatePoses,
    isOwn,
  } = findBothPoses(grey, target, weight, intrinsics, memo);
  if (parentPoses === undefined || parentPoses.parallaxPixels < LEAST_PARALLAX) {
    if (isOwn) memo.saysNothing = true;
    return undefined;
  }
  const { parallaxPixels } = parentPoses;
  const parentSide = async (): Promise<ParentSide> => {
    const parentScore = await score.run(pictures, target.parentDepth, parentPoses, intrinsics);
    const fixed = fixedPixels(parentScore, dynamic, width, height);
    const neighbours = [previous.parentDepth, next.parentDepth] as const;
    return {
      ...{ fixed, pixels: count(fixed) / fixed.length, stillError: meanOver(fixed, parentScore.still) },
      figures: {
        error: meanOver(fixed, parentScore.error),
        inconsistency: inconsistency(target.parentDepth, neighbours, parentPoses, view, fixed),
        spread: spread(target.parentDepth),
        metres: metresOf(target.parentDepth, target.labels, parentPoses, view),
      },
    };
  };
  const side = (isOwn ? memo.side : undefined) ?? (await parentSide());
  if (isOwn) memo.side = side;
  const { fixed, pixels, figures: parent } = side;
  if (pixels < LEAST_PIXELS) {
    if (isOwn) memo.saysNothing = true;
    return undefined;
  }
  const candidateScore =
    candidatePoses && (await score.run(pictures, target.candidateDepth, candidatePoses, intrinsics));
  const candidate = {
    // A depth from which no pose can be found explains nothing.
    error: candidateScore === undefined ? side.stillError : meanOver(fixed, candidateScore.error),
    inconsistency:
      candidatePoses === undefined
        ? 1
        : inconsistency(
            target.candidateDepth,
            [previous.candidateDepth, next.candidateDepth],
            candidatePoses,
            view,
            fixed,
          ),
    spread: spread(target.candidateDepth),
    metres: metresOf(target.candidateDepth, target.labels, candidatePoses, view),
  };
  const frames = [target, previous, next];
  return {
    ...{ pixels, parallaxPixels, parent, candidate },
    invalid: frames.reduce(
      (sum, { candidateDepth }) => sum + count(candidateDepth.map((z) => (z > 0 ? 0 : 1))),
      0,
    ),
    ...comparison(target, fixed, eroded(dynamicMap(target.labels), width, height), view),
  };
}

/** @param labels of the parent: who is judged has no say in what is road. */
function metresOf(
  depthMeters: Float32Array,
  labels: Uint8Array,
  poses: TripletPoses | undefined,
  { width, height, intrinsics }: View,
): OwnMetres {
  return {
    lengths: poses && { previous: lengthOf(poses.previous), next: lengthOf(poses.next) },
    roadHeight: roadHeight({ depthMeters, labels, width, height }, intrinsics),
  };
}

/** Over every second fixed pixel of every second row that a neighbour shows; 1 where one of both depths is infinite. */
function inconsistency(
  depth: Float32Array,
  neighbours: readonly [Float32Array, Float32Array],
  poses: TripletPoses,
  { width, height, intrinsics: { fx, fy, cx, cy } }: View,
  fixed: Uint8Array,
): number {
  let [sum, seen] = [0, 0];
  for (const [m, other] of [
    [poses.previous, neighbours[0]],
    [poses.next, neighbours[1]],
  ] as const) {
    for (let y = 0; y < height; y += 2) {
      for (let x = 0; x < width; x += 2) {
        const i = y * width + x;
        if (fixed[i] === 0) continue;
        const z = depth[i] > 0 ? Math.min(depth[i], 1e6) : Number.NaN;
        const [px, py] = [((x - cx) / fx) * z, ((y - cy) / fy) * z];
        const qz = m[8] * px + m[9] * py + m[10] * z + m[11];
        if (!(qz > 0.1)) continue;
        const u = Math.round((fx * (m[0] * px + m[1] * py + m[2] * z + m[3])) / qz + cx);
        const v = Math.round((fy * (m[4] * px + m[5] * py + m[6] * z + m[7])) / qz + cy);
        if (!(u >= 0 && v >= 0 && u < width && v < height)) continue;
        const there = Math.min(other[v * width + u], 1e6);
        seen++;
        sum += there > 0 ? Math.abs(qz - there) / (qz + there) : 1;
      }
    }
  }
  return seen === 0 ? 1 : sum / seen;
}

function spread(depth: Float32Array): number {
  let [sum, squares, seen] = [0, 0, 0];
  for (const z of depth) {
    if (!(z > 0 && z < Number.POSITIVE_INFINITY)) continue;
    const log = Math.log(z);
    sum += log;
    squares += log * log;
    seen++;
  }
  return seen === 0 ? 0 : Math.sqrt(Math.max(0, squares / seen - (sum / seen) ** 2));
}

function comparison(
  { labels, parentDepth, candidateDepth }: JudgedFrame,
  fixed: Uint8Array,
  dynamic: Uint8Array,
  { width, height }: View,
): Pick<TripletFigures, 'scale' | 'likeness' | 'holes' | 'dynamicRatio'> {
  const hasDepth = (z: number) => z > 0 && z < Number.POSITIVE_INFINITY;
  const ratios: number[] = [];
  let [n, a, b, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < fixed.length; i++) {
    if (!hasDepth(parentDepth[i]) || !hasDepth(candidateDepth[i])) continue;
    if (fixed[i] === 1) ratios.push(candidateDepth[i] / parentDepth[i]);
    const [p, c] = [Math.log(parentDepth[i]), Math.log(candidateDepth[i])];
    n++;
    a += p;
    b += c;
    aa += p * p;
    bb += c * c;
    ab += p * c;
  }
  const scale = ratios.length === 0 ? Number.NaN : median(ratios);
  const deviation = Math.sqrt(Math.max(0, aa - (a * a) / n) * Math.max(0, bb - (b * b) / n));
  const holes = { dynamicPixels: 0, dynamic: 0, still: 0 };
  const dynamicRatios: number[] = [];
  const foot = footDepth(labels, candidateDepth, width, height);
  for (let i = 0; i < fixed.length; i++) {
    if (!hasDepth(parentDepth[i])) continue;
    const isHole = !(candidateDepth[i] <= HOLE * scale * parentDepth[i]);
    if (dynamic[i] === 1) {
      holes.dynamicPixels++;
      if (isHole && !(candidateDepth[i] <= STANDING * foot[i])) holes.dynamic++;
      dynamicRatios.push(candidateDepth[i] / (scale * parentDepth[i]));
    } else if (fixed[i] === 1 && !hasDepth(candidateDepth[i])) holes.still++;
  }
  const likeness = deviation > 0 ? (ab - (a * b) / n) / deviation : 0;
  const dynamicRatio = dynamicRatios.length < LEAST_DYNAMIC ? undefined : median(dynamicRatios);
  return { scale, likeness, holes, dynamicRatio };
}

function count(flags: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < flags.length; i++) sum += flags[i];
  return sum;
}

function meanOver(fixed: Uint8Array, values: Float32Array): number {
  let [sum, seen] = [0, 0];
  for (let i = 0; i < fixed.length; i++) {
    if (fixed[i] === 0) continue;
    sum += values[i];
    seen++;
  }
  return sum / seen;
}
