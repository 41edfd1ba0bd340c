import { median } from '../../../vision/median.js';
import type { Interval } from './bootstrap.js';

/** What a model's depth says of lengths that something else knows; of one triplet. */
export interface OwnMetres {
  /** Metres from the target to its neighbours, by the model's own depth. */
  readonly lengths?: { readonly previous: number; readonly next: number } | undefined;
  /** Height of the camera over the road. */
  readonly roadHeight?: number | undefined;
}

/** Both models' metres on the triplets of a drive; what nothing is known of is left out. */
export interface MetreFigures {
  /** The model's / the measured metres that the vehicle came, median over the triplets. */
  readonly way?: ScaleError;
  /** The model's metres / those of the known height of the camera, by the motion of the road or, where that says nothing, by its depth. */
  readonly height?: ScaleError & {
    readonly by: 'motion' | 'depth';
    /** 95 % of the candidate's, by what the road's motion leaves open. */
    readonly interval?: Interval;
  };
  /** How much the camera's height over the road changes along the drive: median of |log height - its median|. */
  readonly heightSpread?: ScaleError;
}

export interface ScaleError {
  readonly triplets: number;
  readonly parent: number;
  readonly candidate: number;
}

export interface MeasuredMetres {
  readonly parent: OwnMetres;
  readonly candidate: OwnMetres;
  /** As the vehicle measured it. */
  readonly meters?:
    | { readonly previous?: number | undefined; readonly next?: number | undefined }
    | undefined;
  /** The same by the motion of the road under a camera whose height is known. */
  readonly roadMeters?:
    | { readonly previous?: number | undefined; readonly next?: number | undefined }
    | undefined;
}

/** Slower vehicles tell no scale, metres between two pictures. */
const LEAST_METERS = 0.1;
/** Fewer ways by the road's motion do not count. */
const LEAST_ROADS = 8;

/**
 * @param cameraHeight metres, where it is known.
 * @param certainty of the road's motion: what its 95 % interval is of its mean.
 */
export function metreFigures(
  triplets: readonly MeasuredMetres[],
  cameraHeight: number | undefined,
  certainty: Pick<Interval, 'low' | 'high'> = { low: 1, high: 1 },
): MetreFigures {
  const ways = ratiosOf(triplets, ({ meters }) => meters);
  const roads = ratiosOf(triplets, ({ roadMeters }) => roadMeters);
  const heights = triplets.flatMap(({ parent, candidate }) =>
    parent.roadHeight === undefined || candidate.roadHeight === undefined
      ? []
      : [{ parent: parent.roadHeight, candidate: candidate.roadHeight }],
  );
  return {
    ...(ways.length > 0 && { way: ofBoth(ways, median, Math.ceil(ways.length / 2)) }),
    ...(cameraHeight !== undefined &&
      (roads.length >= LEAST_ROADS
        ? { height: byMotion(ofBoth(roads, median, Math.ceil(roads.length / 2)), certainty) }
        : heights.length > 0 && {
            height: { ...ofBoth(heights, (all) => median(all) / cameraHeight), by: 'depth' as const },
          })),
    ...(heights.length > 0 && { heightSpread: ofBoth(heights, spreadOf) }),
  };
}

/** Both models' lengths / the measured ones, of each side of each triplet. */
function ratiosOf(
  triplets: readonly MeasuredMetres[],
  measuredOf: (triplet: MeasuredMetres) => MeasuredMetres['meters'],
): { readonly parent: number; readonly candidate: number }[] {
  return triplets.flatMap((triplet) =>
    (['previous', 'next'] as const).flatMap((side) => {
      const [own, others] = [triplet.parent.lengths?.[side], triplet.candidate.lengths?.[side]];
      const measured = measuredOf(triplet)?.[side];
      if (own === undefined || others === undefined || measured === undefined || measured < LEAST_METERS)
        return [];
      return [{ parent: own / measured, candidate: others / measured }];
    }),
  );
}

function byMotion(figure: ScaleError, { low, high }: Pick<Interval, 'low' | 'high'>): MetreFigures['height'] {
  const { candidate } = figure;
  return {
    ...figure,
    by: 'motion',
    interval: { mean: candidate, low: candidate / high, high: candidate / low },
  };
}

function ofBoth(
  rows: readonly { readonly parent: number; readonly candidate: number }[],
  of: (values: readonly number[]) => number,
  triplets = rows.length,
): ScaleError {
  return {
    triplets,
    parent: of(rows.map(({ parent }) => parent)),
    candidate: of(rows.map(({ candidate }) => candidate)),
  };
}

function spreadOf(heights: readonly number[]): number {
  const logs = heights.map(Math.log);
  const middle = median(logs);
  return median(logs.map((log) => Math.abs(log - middle)));
}
