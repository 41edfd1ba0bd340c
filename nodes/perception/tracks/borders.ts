import type { Scene } from './scene.js';

/** Two parts that touch, by their places in the list. */
export interface Border {
  readonly one: number;
  readonly other: number;
  /** In pairs of neighbouring pixels. */
  readonly length: number;
  /** How many of these have depths that agree. */
  readonly alike: number;
  /** In how many of these one pixel is above the other. */
  readonly upright: number;
}

/** Neighbouring pixels of one thing have depths within this factor. */
const STEP = 1.12;
/** Length of a border that is no chance. */
const LEAST_BORDER = 2;
/** What hides the middle of a thing, such as a pole or a tree, is nearer by this factor and no wider than so many metres. */
const HIDING = 1.1;
const WIDEST_HIDING = 1;

// Used again from one frame to the next.
let memory = new Int32Array(0);

/**
 * Where parts of a kind touch in the picture, or only something narrow is between them that hides what is behind it; the longest
 * border first.
 * @param metersPerUnit metres in a unit of depth.
 */
export function bordersOf(
  parts: readonly { readonly pixels: Int32Array }[],
  { depth, kinds, height, width, intrinsics }: Omit<Scene, 'labels' | 'longest'>,
  metersPerUnit: number,
): Border[] {
  if (memory.length !== height * width) memory = new Int32Array(height * width);
  const member = memory.fill(-1);
  parts.forEach(({ pixels }, index) => {
    for (const at of pixels) member[at] = index;
  });
  const found = new Map<number, { length: number; alike: number; upright: number }>();
  const isAlike = (at: number, beside: number): boolean => {
    const [own, other] = [depth[at] as number, depth[beside] as number];
    return own <= other * STEP && other <= own * STEP;
  };
  const touch = (at: number, beside: number): void => {
    if (kinds[at] !== kinds[beside]) return;
    const [a, b] = [member[at] as number, member[beside] as number];
    const key = Math.min(a, b) * parts.length + Math.max(a, b);
    const border = found.get(key) ?? { length: 0, alike: 0, upright: 0 };
    found.set(key, border);
    border.length += 1;
    if (beside === at + width) border.upright += 1;
    if (isAlike(at, beside)) border.alike += 1;
  };
  /** The first pixel to the right that what is nearer does not hide; -1 where that is too far. */
  const beyond = (at: number): number => {
    const own = depth[at] as number;
    const most = Math.min(
      (WIDEST_HIDING * intrinsics.fx) / (own * metersPerUnit),
      width - 1 - (at % width), // to the end of the row
    );
    for (let gap = 1; gap <= most; gap++) {
      if (member[at + gap] !== -1) return gap === 1 ? -1 : at + gap;
      if ((depth[at + gap] as number) * HIDING > own) return -1;
    }
    return -1;
  };
  // Few of the pixels lie at a border; the last of a row has nothing to its right.
  parts.forEach(({ pixels }, own) => {
    for (const at of pixels) {
      const right = member[at + 1] ?? -1;
      if (right === -1) {
        const across = beyond(at);
        if (across >= 0 && member[across] !== own && isAlike(at, across)) touch(at, across);
      } else if (right !== own && (at + 1) % width !== 0) touch(at, at + 1);
      const below = member[at + width] ?? -1;
      if (below !== own && below >= 0) touch(at, at + width);
    }
  });
  return [...found]
    .filter(([, { length }]) => length >= LEAST_BORDER)
    .sort(([keyA, a], [keyB, b]) => b.length - a.length || keyA - keyB)
    .map(([key, border]) => ({
      ...{ one: Math.floor(key / parts.length), other: key % parts.length },
      ...border,
    }));
}
