import type { MotionView } from '../motion/motion-view.js';
import { isFirm } from './firm-depth.js';
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
/** Share of a thing's points that are no smear at least. */
const LEAST_FIRM = 0.2;
/** Of narrow things all is smear but what is nearest: points within this factor of where the near ones lie. */
const NARROW = { quantile: 0.15, factor: 1.12, least: 0.3 } as const;

/** Where something lies, and how sure that is. */
export interface Measured {
  readonly extent: Extent;
  /** Whether depths smear nearly everywhere in it: then the extent is that of what is nearest. */
  readonly isSmear: boolean;
  /** Whether it is no thing by itself: its depths have nothing in common. */
  readonly isNothing: boolean;
}

/** @returns undefined where the pixels have no depth, or hardly any that is no smear between two things. */
export function extentOf(
  pixels: Int32Array,
  view: Pick<MotionView, 'depth' | 'width' | 'intrinsics'>,
): Extent | undefined {
  const measured = measuredOf(pixels, view);
  return measured === undefined || measured.isNothing ? undefined : measured.extent;
}

/** @returns undefined where the pixels have no depth. */
export function measuredOf(
  pixels: Int32Array,
  view: Pick<MotionView, 'depth' | 'width' | 'intrinsics'>,
): Measured | undefined {
  const { depth } = view;
  const step = Math.max(1, Math.floor(pixels.length / MOST_POINTS));
  const asked = new Int32Array(Math.ceil(pixels.length / step));
  for (let i = 0; i < asked.length; i++) asked[i] = pixels[i * step] as number;
  const firm = chosenOf(asked, (at) => isFirm(at, view));
  if (firm.length >= Math.max(3, LEAST_FIRM * asked.length))
    return { extent: spread(firm, view), isSmear: false, isNothing: false };
  const depths = new Float32Array(asked.length);
  for (let i = 0; i < depths.length; i++) depths[i] = depth[asked[i] as number] as number;
  depths.sort();
  const most = NARROW.factor * (depths[Math.floor(NARROW.quantile * depths.length)] as number);
  if (!(most < Number.POSITIVE_INFINITY)) return undefined;
  const near = chosenOf(asked, (at) => (depth[at] as number) > 0 && (depth[at] as number) <= most);
  const isNothing = near.length < NARROW.least * asked.length;
  return { extent: spread(near, view), isSmear: true, isNothing };
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

/** The smallest extent that holds both. */
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
