import type { MotionView } from '../motion/motion-view.js';
import type { Box } from './seen-object.js';

/** Where most of a thing's points lie, along the camera's axes: x, y, z. */
export interface Extent {
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
}

/** Points that stand for a thing. */
const MOST_POINTS = 96;
/** Share of the points at either end that do not count. */
const TAIL = 0.1;
/** Between a thing and what is behind it networks smear depths: there they change by more than this factor over two pixels. */
const SMEAR = 1.08;
/** Share of a thing's points that are no smear at least. */
const LEAST_FIRM = 0.2;
/** Of narrow things all is smear but what is nearest: points within this factor of where the near ones lie. */
const NARROW = { quantile: 0.15, factor: 1.12, least: 0.3 } as const;

/** @returns undefined where hardly any of the pixels has a depth that is no smear between two things. */
export function extentOf(
  pixels: Int32Array,
  view: Pick<MotionView, 'depth' | 'width' | 'intrinsics'>,
): Extent | undefined {
  const { depth, width } = view;
  const step = Math.max(1, Math.floor(pixels.length / MOST_POINTS));
  const asked = new Int32Array(Math.ceil(pixels.length / step));
  for (let i = 0; i < asked.length; i++) asked[i] = pixels[i * step] as number;
  /** Not beyond the picture: an index below 0 would be looked up by its name. */
  const depthAt = (at: number, instead: number): number =>
    at >= 0 && at < depth.length ? (depth[at] as number) : instead;
  const isSteep = (a: number, b: number) => !(a <= b * SMEAR && b <= a * SMEAR);
  const firm = chosenOf(asked, (at) => {
    const z = depth[at] as number;
    if (!(z > 0 && z < Number.POSITIVE_INFINITY)) return false;
    return (
      !isSteep(depthAt(at - 1, z), depthAt(at + 1, z)) &&
      !isSteep(depthAt(at - width, z), depthAt(at + width, z))
    );
  });
  if (firm.length >= Math.max(3, LEAST_FIRM * asked.length)) return spread(firm, view);
  const depths = new Float32Array(asked.length);
  for (let i = 0; i < depths.length; i++) depths[i] = depth[asked[i] as number] as number;
  depths.sort();
  const most = NARROW.factor * (depths[Math.floor(NARROW.quantile * depths.length)] as number);
  const near = chosenOf(asked, (at) => (depth[at] as number) > 0 && (depth[at] as number) <= most);
  if (!(most < Number.POSITIVE_INFINITY) || near.length < NARROW.least * asked.length) return undefined;
  return spread(near, view);
}

/** As `filter` does it, which V8 does not compile into its caller. */
function chosenOf(pixels: Int32Array, isChosen: (at: number) => boolean): Int32Array {
  const chosen = new Int32Array(pixels.length);
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    const at = pixels[i] as number;
    if (isChosen(at)) chosen[count++] = at;
  }
  return chosen.subarray(0, count);
}

function spread(
  pixels: Int32Array,
  { depth, width, intrinsics }: Pick<MotionView, 'depth' | 'width' | 'intrinsics'>,
): Extent {
  const { fx, fy, cx, cy } = intrinsics;
  const numbers = () => new Float64Array(pixels.length);
  const sorted = [numbers(), numbers(), numbers()] as const;
  const [x, y, z] = sorted;
  for (let i = 0; i < pixels.length; i++) {
    const at = pixels[i] as number;
    const own = depth[at] as number;
    x[i] = (((at % width) - cx) / fx) * own;
    y[i] = ((Math.floor(at / width) - cy) / fy) * own;
    z[i] = own;
  }
  for (const values of sorted) values.sort();
  const ends = (share: number) =>
    sorted.map((values) => values[Math.round(share * (values.length - 1))] as number) as [
      number,
      number,
      number,
    ];
  return { low: ends(TAIL), high: ends(1 - TAIL) };
}

export function union(a: Extent, b: Extent): Extent {
  const each = (of: (k: 0 | 1 | 2) => number) => [of(0), of(1), of(2)] as const;
  return {
    low: each((k) => Math.min(a.low[k], b.low[k])),
    high: each((k) => Math.max(a.high[k], b.high[k])),
  };
}

/** The box of a thing whose points are spread evenly. */
export function boxOf({ low, high }: Extent): Box {
  const each = (of: (k: 0 | 1 | 2) => number) => [of(0), of(1), of(2)] as const;
  return {
    centre: each((k) => (low[k] + high[k]) / 2),
    size: each((k) => (high[k] - low[k]) / (1 - 2 * TAIL)),
  };
}
