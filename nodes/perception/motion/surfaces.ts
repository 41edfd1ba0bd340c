import type { MotionView } from './motion-view.js';

/** What of a view tells whether a thing could be seen at a pixel; two numbers a pixel beside each other in memory. */
const NUMBERS = 2;
const made = new WeakMap<object, Float32Array>();

/**
 * For each pixel of a view the smallest depth among it and its four neighbours, then its own depth, +Inf where it shows
 * nothing of a dynamic class. Made once for a view, since a frame asks a million times.
 * @returns [H, W, 2]
 */
export function surfacesOf(view: Pick<MotionView, 'depth' | 'kinds' | 'width'>): Float32Array {
  let surfaces = made.get(view);
  if (surfaces === undefined) {
    surfaces = measure(view);
    made.set(view, surfaces);
  }
  return surfaces;
}

function measure({ depth, kinds, width }: Pick<MotionView, 'depth' | 'kinds' | 'width'>): Float32Array {
  const surfaces = new Float32Array(NUMBERS * depth.length);
  for (let at = 0; at < depth.length; at++) {
    surfaces[NUMBERS * at] = nearestBeside(depth, at, width);
    surfaces[NUMBERS * at + 1] = kinds[at] === 0 ? Number.POSITIVE_INFINITY : (depth[at] as number);
  }
  return surfaces;
}

/** Smallest depth among a pixel and its four neighbours; columns run on into the next row at the picture's sides. */
function nearestBeside(depth: Float32Array, at: number, width: number): number {
  // Written out, and never outside of the array, where reading is slow.
  let nearest = depth[at] as number;
  const last = depth.length - 1;
  const left = depth[at > 0 ? at - 1 : at] as number;
  const right = depth[at < last ? at + 1 : at] as number;
  const above = depth[at >= width ? at - width : at] as number;
  const below = depth[at + width <= last ? at + width : at] as number;
  if (left < nearest) nearest = left;
  if (right < nearest) nearest = right;
  if (above < nearest) nearest = above;
  if (below < nearest) nearest = below;
  return nearest;
}
