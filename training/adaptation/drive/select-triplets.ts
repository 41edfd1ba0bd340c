import type { SurveyedFrame } from './survey.js';

/** Three frames with enough parallax between them; indices are those of the store. */
export interface SelectedTriplet {
  readonly target: number;
  readonly previous: number;
  readonly next: number;
  readonly stampNs: bigint;
  /** Parallax from the target to the neighbour with less of it, pixels. */
  readonly parallaxPixels: number;
}

/** A triplet of one of several drives. */
export interface DriveTriplet extends SelectedTriplet {
  readonly drive: number;
  /** Metres from the target to its neighbours, where the vehicle measured them. */
  readonly meters?: { readonly previous?: number | undefined; readonly next?: number | undefined };
}

/** Why a frame is no target. */
export type Unusable = 'still' | 'unchanged' | 'cut' | 'saturated' | 'empty' | 'border';

export interface Selection {
  readonly triplets: readonly SelectedTriplet[];
  readonly unusable: Readonly<Record<Unusable, number>>;
}

export interface SelectionOptions {
  /** The median pixel has to move by this much because of its depth, pixels. */
  readonly leastParallax: number;
  /** Most frames from the target to its neighbours. */
  readonly longestSpacing: number;
}

export const SELECTION: SelectionOptions = { leastParallax: 1.5, longestSpacing: 12 };

/** A picture of which more than this is black or white says little. */
const MOST_SATURATED = 0.5;
/** Mean slope of a picture that shows anything at all; sensor noise alone has more. */
const LEAST_DETAIL = 0.0015;
/** Pictures that differ by less are the same picture again: noise alone changes them by more. */
const UNCHANGED = 2e-4;
/** Aligned pictures that differ by more do not show the same scene. */
const CUT_RESIDUAL = 0.085;
/** Frames farther apart do not belong together. */
const LONGEST_GAP_NS = 1_000_000_000n;

/**
 * Chooses the targets of a drive and for each the nearest neighbours on either side, equally far, that show enough parallax.
 * A slow camera gets wider triplets. No triplet reaches over a cut or a gap.
 * @param frames consecutive in the store.
 */
export function selectTriplets(
  frames: readonly SurveyedFrame[],
  { leastParallax, longestSpacing }: SelectionOptions = SELECTION,
): Selection {
  const unusable = { still: 0, unchanged: 0, cut: 0, saturated: 0, empty: 0, border: 0 };
  const triplets: SelectedTriplet[] = [];
  for (const [i, frame] of frames.entries()) {
    const problem = pictureProblem(frame);
    if (problem !== undefined) {
      unusable[problem]++;
      continue;
    }
    const found = neighbours(frames, i, leastParallax, longestSpacing);
    if (typeof found === 'string') unusable[found]++;
    else triplets.push(found);
  }
  return { triplets, unusable };
}

/** Whether it is the picture before it once more. */
export function isRepeated({ motion }: SurveyedFrame): boolean {
  return motion !== undefined && motion.difference <= UNCHANGED;
}

/** What is wrong with a picture by itself. */
export function pictureProblem({ quality }: SurveyedFrame): Unusable | undefined {
  if (quality.detail < LEAST_DETAIL) return 'empty';
  return quality.saturated > MOST_SATURATED ? 'saturated' : undefined;
}

function neighbours(
  frames: readonly SurveyedFrame[],
  at: number,
  leastParallax: number,
  longestSpacing: number,
): SelectedTriplet | Unusable {
  let [before, after] = [0, 0];
  let changed = false;
  for (let spacing = 1; spacing <= longestSpacing; spacing++) {
    const left = frames[at - spacing + 1];
    const right = frames[at + spacing];
    if (frames[at - spacing] === undefined || right === undefined) {
      if (spacing === 1) return 'border';
      if (!changed) return 'unchanged';
      // What has been seen of the motion, over the longest spacing: a short recording of a standing camera says so.
      const expected = (Math.min(before, after) * longestSpacing) / (spacing - 1);
      return expected < leastParallax ? 'still' : 'border';
    }
    const steps = [left, right].map((frame) => stepParallax(frames, frame));
    const [toLeft, toRight] = steps;
    if (toLeft === undefined || toRight === undefined) return 'cut';
    changed ||= [left, right].some(({ motion }) => (motion?.difference ?? 0) > UNCHANGED);
    before += toLeft;
    after += toRight;
    const parallaxPixels = Math.min(before, after);
    if (parallaxPixels >= leastParallax) {
      const { index, stampNs } = frames[at];
      const [previous, next] = [frames[at - spacing].index, right.index];
      return { target: index, previous, next, stampNs, parallaxPixels };
    }
  }
  return changed ? 'still' : 'unchanged';
}

/** Parallax from the frame before; undefined where the two do not belong together. */
function stepParallax(frames: readonly SurveyedFrame[], frame: SurveyedFrame): number | undefined {
  const { motion, stampNs } = frame;
  const before = frames[frame.index - frames[0].index - 1];
  if (motion === undefined || before === undefined || stampNs - before.stampNs > LONGEST_GAP_NS)
    return undefined;
  if (motion.difference <= UNCHANGED) return 0;
  const { parallaxPixels, residual = 0 } = motion;
  return parallaxPixels === undefined || residual > CUT_RESIDUAL ? undefined : parallaxPixels;
}
