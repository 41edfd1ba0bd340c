import { blockLength, type Interval, ratioBootstrap } from './bootstrap.js';
import type { TripletFigures } from './judge-triplet.js';
import type { MetreFigures } from './metre-figures.js';

/** The triplets of the judged part together. */
export interface DriveFigures {
  /** Triplets looked at, and those of them that say something. */
  readonly triplets: number;
  readonly valid: number;
  /** Runs of neighbouring triplets that the intervals are drawn from. */
  readonly blocks: number;
  readonly parallaxPixels: number;
  readonly parentError: number;
  readonly candidateError: number;
  /** (parent - candidate) / parent of the photometric error, above 0 is a gain. */
  readonly gain: Interval;
  /** The same over the thirds of the judged part, the one nearest to what was learned from first. */
  readonly gainByThird: readonly number[];
  /** (candidate - parent) / parent of the inconsistency between neighbours, above 0 is a loss. */
  readonly inconsistencyLoss: Interval;
  readonly invalidPixels: number;
  /** Candidate's spread of log depth / parent's. */
  readonly spreadRatio: number;
  /** Likeness of both log depths, mean over the triplets. */
  readonly likeness: number;
  /** Median over the triplets of candidate / parent. */
  readonly scale: number;
  /** Share of the pixels inside of dynamic objects that became holes; 0 without any. */
  readonly dynamicHoles: Interval;
  readonly dynamicPixels: number;
  /** Share of the fixed pixels, where the parent is finite, that became infinite. */
  readonly stillHoles: Interval;
  /** Median over the triplets of how much farther dynamic objects became than the rest; 1 without any. */
  readonly dynamicRatio: number;
  /** Lengths that something else than the models knows. */
  readonly metres?: MetreFigures;
}

/** @param figures of the triplets in the order of time; undefined where a triplet says nothing. */
export function driveFigures(
  figures: readonly (TripletFigures | undefined)[],
  pixelsOfView: number,
  metres?: MetreFigures,
): DriveFigures {
  const valid = figures.filter((each) => each !== undefined);
  const block = blockLength(valid.length);
  const sum = (of: (each: TripletFigures) => number) => valid.reduce((total, each) => total + of(each), 0);
  const mean = (of: (each: TripletFigures) => number) => sum(of) / valid.length;
  const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];
  const relative = (of: (each: TripletFigures) => number, to: (each: TripletFigures) => number): Interval =>
    valid.length === 0 ? NOTHING : ratioBootstrap(valid.map(of), valid.map(to), block);
  const dynamicPixels = sum(({ holes }) => holes.dynamicPixels);
  return {
    triplets: figures.length,
    valid: valid.length,
    blocks: Math.floor(valid.length / block),
    parallaxPixels: mean((each) => each.parallaxPixels),
    parentError: mean(({ parent }) => parent.error),
    candidateError: mean(({ candidate }) => candidate.error),
    gain: relative(
      ({ parent, candidate }) => parent.error - candidate.error,
      ({ parent }) => parent.error,
    ),
    gainByThird: [0, 1, 2].map((third) => gainOf(valid, third, 3)),
    inconsistencyLoss: relative(
      ({ parent, candidate }) => candidate.inconsistency - parent.inconsistency,
      ({ parent }) => parent.inconsistency,
    ),
    invalidPixels: sum(({ invalid }) => invalid),
    spreadRatio: sum(({ candidate }) => candidate.spread) / sum(({ parent }) => parent.spread),
    likeness: mean(({ likeness }) => likeness),
    scale: middle(valid.map(({ scale }) => scale)),
    dynamicHoles:
      dynamicPixels === 0
        ? NONE
        : relative(
            ({ holes }) => holes.dynamic,
            ({ holes }) => holes.dynamicPixels,
          ),
    dynamicPixels,
    stillHoles: relative(
      ({ holes }) => holes.still,
      ({ pixels }) => pixels * pixelsOfView,
    ),
    dynamicRatio: middle(valid.flatMap(({ dynamicRatio }) => dynamicRatio ?? [])) ?? 1,
    ...(metres && { metres }),
  };
}

/** Gain of the errors over one of several equal runs of triplets; NaN if there are none. */
function gainOf(figures: readonly TripletFigures[], part: number, parts: number): number {
  const at = (end: number) => Math.floor((end * figures.length) / parts);
  const run = figures.slice(at(part), at(part + 1));
  const sum = (of: (each: TripletFigures) => number) => run.reduce((total, each) => total + of(each), 0);
  return 1 - sum(({ candidate }) => candidate.error) / sum(({ parent }) => parent.error);
}

const NONE: Interval = { mean: 0, low: 0, high: 0 };
const NOTHING: Interval = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
