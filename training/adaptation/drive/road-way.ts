import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { invertTransform, type RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { greyPyramid } from '../../../vision/grey-pyramid.js';
import { type GroundPlane, heightOver } from '../../../vision/ground-plane.js';
import { median } from '../../../vision/median.js';
import { type RoadFit, roadFits } from '../../../vision/road-motion.js';
import { roadPlane } from '../../../vision/road-plane.js';
import type { Sample } from '../../datasets/stores/sample.js';
import { Random } from '../../simulator/random.js';
import { blockLength, type Interval } from '../judge/bootstrap.js';

/** Two frames of a drive, and how the camera moved by a model's depth. */
export interface MovedFrames {
  readonly target: number;
  readonly source: number;
  /** In the model's metres. */
  readonly sourceFromTarget: RigidTransform;
}

/** What the road's motion says of a drive whose camera's height is known. */
export interface RoadWay {
  /** Between each two frames; undefined where their road shows nothing. */
  readonly meters: readonly (number | undefined)[];
  /** True metres / the model's, with the interval that the drive's parts give. */
  readonly factor: Interval;
  /** The road under the camera, metres. */
  readonly plane: GroundPlane;
}

type Pictures = Pick<Sample, 'width' | 'height' | 'rgb' | 'depthMeters' | 'labels'>;

const ROAD = 0;
const DEGREE = Math.PI / 180;
/** Pitches that are tried, around the one that the model's depth has. */
const PITCHES = Array.from({ length: 13 }, (_, i) => (i - 6) * 0.5 * DEGREE);
/** Fewer pairs of frames say nothing about a drive. */
const LEAST_PAIRS = 8;
/** A pair that is off by more is a wrong one: something drives ahead, or the road bends. */
const MOST_DEVIATION = Math.log(1.3);
const REPETITIONS = 400;

/**
 * Metres that a camera came between frames, by how its road moves in the picture. A model's depth is needed for the direction
 * of the motion alone. A network that has the near road too far and hills too near tells no length, its pictures do.
 *
 * The camera's pitch against the road is one along the drive, the one that explains all pairs best. Turned by half a degree, the road says
 * some 4 % more or less; so the pitch is drawn anew with the pairs for the interval.
 * @param pairs in the order of time, of one drive. @param read frames with the model's depth and labels.
 * @returns undefined where the drive's road does not say.
 */
export function roadWay(
  pairs: readonly MovedFrames[],
  read: (index: number) => Pictures,
  intrinsics: Intrinsics,
  cameraHeight: number,
): RoadWay | undefined {
  const seen = pairs.map((pair) => seenRoad(pair, read, intrinsics));
  const known = seen.filter((each) => each !== undefined);
  if (known.length < LEAST_PAIRS) return undefined;
  const height = median(known.map(({ plane }) => heightOver(plane)));
  const around = median(known.map(({ plane }) => Math.atan(-plane.c)));
  const pitches = PITCHES.map((pitch) => around + pitch);
  const fits = seen.map((each): Fitted | undefined => {
    if (each === undefined) return undefined;
    const { behindFromAhead } = each;
    const [ahead, behind] = [each.ahead, each.behind].map(read);
    const grey = ({ rgb, width, height: rows }: Pictures) =>
      greyPyramid(rgb, rows, width, 1, { white: 1 })[0];
    const pair = {
      ...{ ahead: grey(ahead), behind: grey(behind), intrinsics },
      road: ahead.labels.map((label) => (label === ROAD ? 1 : 0)),
      behindFromAhead: behindFromAhead.map((value, i) => (i % 4 === 3 && i < 12 ? value / height : value)),
    };
    return fitted(roadFits(pair, pitches));
  });
  const telling = fits.filter((each) => each !== undefined);
  const whole = pooled(telling);
  if (whole === undefined) return undefined;
  const pitch = around + (whole.at - (PITCHES.length - 1) / 2) * 0.5 * DEGREE;
  // In camera heights by the model / in true ones.
  const unit = cameraHeight / height;
  return {
    meters: fits.map((each, i) => {
      const stretch = each && stretchAt(each, whole.at);
      if (stretch === undefined || Math.abs(stretch - whole.stretch) > MOST_DEVIATION) return undefined;
      return unit * Math.exp(stretch) * lengthOf(pairs[i].sourceFromTarget);
    }),
    factor: intervalOf(telling, whole.stretch, unit),
    plane: { a: cameraHeight / Math.cos(pitch), b: 0, c: -Math.tan(pitch) },
  };
}

/** Which of two frames was taken farther ahead, and its road. */
interface SeenRoad {
  readonly ahead: number;
  readonly behind: number;
  readonly behindFromAhead: RigidTransform;
  /** By the model's depth. */
  readonly plane: GroundPlane;
}

function seenRoad(
  { target, source, sourceFromTarget }: MovedFrames,
  read: (index: number) => Pictures,
  intrinsics: Intrinsics,
): SeenRoad | undefined {
  // What is seen moves away from the camera that is behind.
  const isAhead = sourceFromTarget[11] > 0;
  const [ahead, behind] = isAhead ? [target, source] : [source, target];
  const { depthMeters: depth, labels, width, height } = read(ahead);
  const plane = roadPlane({ depth, labels, width, height }, intrinsics, ROAD);
  if (plane === undefined) return undefined;
  return {
    ahead,
    behind,
    plane,
    behindFromAhead: isAhead ? sourceFromTarget : invertTransform(sourceFromTarget),
  };
}

/** A pair by pitch: its cost relative to its least one, and what it says; undefined: nothing at that pitch. */
interface Fitted {
  readonly costs: readonly number[];
  readonly stretches: readonly (number | undefined)[];
}

/** @returns undefined for a pair that says nothing at the pitch that fits it best. */
function fitted(fits: readonly (RoadFit | undefined)[]): Fitted | undefined {
  const known = fits.filter((fit) => fit !== undefined);
  if (known.length < fits.length) return undefined;
  const best = known.reduce((a, b) => (b.cost < a.cost ? b : a));
  if (!best.tells || !(best.cost > 0)) return undefined;
  return {
    costs: known.map(({ cost }) => cost / best.cost),
    stretches: known.map(({ stretch, tells }) => (tells ? stretch : undefined)),
  };
}

/** What pairs say together: the pitch, as a place among the pitches, and their median stretch. */
function pooled(pairs: readonly Fitted[]): { readonly at: number; readonly stretch: number } | undefined {
  if (pairs.length < LEAST_PAIRS) return undefined;
  const costs = PITCHES.map((_, i) => pairs.reduce((sum, pair) => sum + pair.costs[i], 0));
  const best = costs.indexOf(Math.min(...costs));
  if (best === 0 || best === costs.length - 1) return undefined;
  const [left, middle, right] = costs.slice(best - 1, best + 2);
  const bend = left - 2 * middle + right;
  const at = best + (bend > 0 ? (left - right) / (2 * bend) : 0);
  const stretches = pairs.flatMap((pair) => stretchAt(pair, at) ?? []);
  return stretches.length < LEAST_PAIRS ? undefined : { at, stretch: median(stretches) };
}

function stretchAt({ stretches }: Fitted, at: number): number | undefined {
  const low = Math.min(stretches.length - 2, Math.floor(at));
  const [before, after] = [stretches[low], stretches[low + 1]];
  return before === undefined || after === undefined ? undefined : before + (at - low) * (after - before);
}

/** Neighbouring pairs err alike: whole runs of them are drawn, and the pitch is found anew each time. */
function intervalOf(pairs: readonly Fitted[], stretch: number, unit: number): Interval {
  const block = blockLength(pairs.length);
  const random = new Random(1, 11);
  const drawn: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const some: Fitted[] = [];
    while (some.length < pairs.length) {
      const start = random.integer(0, pairs.length - 1);
      for (let k = 0; k < block && some.length < pairs.length; k++)
        some.push(pairs[(start + k) % pairs.length]);
    }
    const found = pooled(some);
    if (found !== undefined) drawn.push(found.stretch);
  }
  drawn.sort((a, b) => a - b);
  const at = (share: number) => unit * Math.exp(drawn[Math.floor(share * drawn.length)] ?? stretch);
  return { mean: unit * Math.exp(stretch), low: at(0.025), high: at(0.975) };
}

function lengthOf(pose: RigidTransform): number {
  return Math.hypot(pose[3], pose[7], pose[11]);
}
