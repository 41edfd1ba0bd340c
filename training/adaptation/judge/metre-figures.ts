import { median } from '../../evaluation/metrics/median.js';

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
  /** The model's / the known height of the camera. */
  readonly height?: ScaleError;
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
}

/** Slower vehicles tell no scale, metres between two pictures. */
const LEAST_METERS = 0.1;

/** @param cameraHeight metres, where it is known. */
export function metreFigures(
  triplets: readonly MeasuredMetres[],
  cameraHeight: number | undefined,
): MetreFigures {
  const ways = triplets.flatMap(({ parent, candidate, meters }) =>
    (['previous', 'next'] as const).flatMap((side) => {
      const [own, others, measured] = [parent.lengths?.[side], candidate.lengths?.[side], meters?.[side]];
      if (own === undefined || others === undefined || measured === undefined || measured < LEAST_METERS)
        return [];
      return [{ parent: own / measured, candidate: others / measured }];
    }),
  );
  const heights = triplets.flatMap(({ parent, candidate }) =>
    parent.roadHeight === undefined || candidate.roadHeight === undefined
      ? []
      : [{ parent: parent.roadHeight, candidate: candidate.roadHeight }],
  );
  return {
    ...(ways.length > 0 && { way: ofBoth(ways, median, Math.ceil(ways.length / 2)) }),
    ...(heights.length > 0 &&
      cameraHeight !== undefined && { height: ofBoth(heights, (all) => median(all) / cameraHeight) }),
    ...(heights.length > 0 && { heightSpread: ofBoth(heights, spreadOf) }),
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
