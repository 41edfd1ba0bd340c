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
  /** The same over the thirds of each drive's judged part, the one nearest to what was learned from first. */
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

/** Triplets that were looked at of recordings with one size of view. */
export interface SeenTriplets {
  /** In the order of time, those of a drive together; undefined where a triplet says nothing. */
  readonly figures: readonly (TripletFigures | undefined)[];
  /** Which recording each is of; left out: all are of one. */
  readonly drives?: readonly number[];
  readonly pixelsOfView: number;
}

/** @param figures, drives see SeenTriplets. */
export function driveFigures(
  figures: readonly (TripletFigures | undefined)[],
  pixelsOfView: number,
  metres?: MetreFigures,
  drives?: readonly number[],
): DriveFigures {
  const together = figuresTogether([{ figures, pixelsOfView, ...(drives && { drives }) }]);
  return { ...together, ...(metres && { metres }) };
}

/** Several drives together: what each says counts, however short it is. Runs of neighbours stay within a drive. */
export function figuresTogether(seen: readonly SeenTriplets[]): DriveFigures {
  const rows = seen.flatMap(({ figures, drives, pixelsOfView }, k) =>
    figures.map((each, i) => ({ each, pixelsOfView, drive: `${k} ${drives?.[i] ?? 0}` })),
  );
  const known = rows.flatMap(({ each, ...row }) => (each === undefined ? [] : [{ ...each, ...row }]));
  type Row = (typeof known)[number];
  const names = [...new Set(known.map(({ drive }) => drive))];
  const parts = known.map(({ drive }) => names.indexOf(drive));
  const ofDrives = names.map((name) => known.filter(({ drive }) => drive === name));
  const block = blockLength(known.length);
  const sum = (of: (each: Row) => number) => known.reduce((total, each) => total + of(each), 0);
  const mean = (of: (each: Row) => number) => sum(of) / known.length;
  const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];
  const relative = (of: (each: Row) => number, to: (each: Row) => number): Interval =>
    known.length === 0 ? NOTHING : ratioBootstrap(known.map(of), known.map(to), block, 1, parts);
  const dynamicPixels = sum(({ holes }) => holes.dynamicPixels);
  return {
    triplets: rows.length,
    valid: known.length,
    blocks: ofDrives.reduce((total, { length }) => total + Math.max(1, Math.floor(length / block)), 0),
    parallaxPixels: mean((each) => each.parallaxPixels),
    parentError: mean(({ parent }) => parent.error),
    candidateError: mean(({ candidate }) => candidate.error),
    gain: relative(
      ({ parent, candidate }) => parent.error - candidate.error,
      ({ parent }) => parent.error,
    ),
    gainByThird: [0, 1, 2].map((third) => gainOf(ofDrives, third, 3)),
    inconsistencyLoss: relative(
      ({ parent, candidate }) => candidate.inconsistency - parent.inconsistency,
      ({ parent }) => parent.inconsistency,
    ),
    invalidPixels: sum(({ invalid }) => invalid),
    spreadRatio: sum(({ candidate }) => candidate.spread) / sum(({ parent }) => parent.spread),
    likeness: mean(({ likeness }) => likeness),
    scale: middle(known.map(({ scale }) => scale)),
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
      ({ pixels, pixelsOfView }) => pixels * pixelsOfView,
    ),
    dynamicRatio: middle(known.flatMap(({ dynamicRatio }) => dynamicRatio ?? [])) ?? 1,
  };
}

/** Gain of the errors over one of several equal runs of the triplets of each drive; NaN if there are none. */
function gainOf(drives: readonly (readonly TripletFigures[])[], part: number, parts: number): number {
  const run = drives.flatMap((figures) => {
    const at = (end: number) => Math.floor((end * figures.length) / parts);
    return figures.slice(at(part), at(part + 1));
  });
  const sum = (of: (each: TripletFigures) => number) => run.reduce((total, each) => total + of(each), 0);
  return 1 - sum(({ candidate }) => candidate.error) / sum(({ parent }) => parent.error);
}

const NONE: Interval = { mean: 0, low: 0, high: 0 };
const NOTHING: Interval = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
