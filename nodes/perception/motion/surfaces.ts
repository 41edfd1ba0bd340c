import type { MotionView } from './motion-view.js';

/** What of a view tells whether a thing could be seen at a pixel; two numbers a pixel beside each other in memory. */
const NUMBERS = 2;
const made = new WeakMap<object, Float32Array>();

/**
 * For each pixel of a view: the smallest depth among it and its four neighbours, then its own depth. Both are +Inf where it
 * shows nothing of a dynamic class. Made once for a view, since a frame asks a million times.
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
  const inner = depth.length - width;
  for (let at = 0; at < depth.length; at++) {
    const own = depth[at] as number;
    if (at >= width && at < inner) {
      // Written out: this is all of the picture but two rows.
      let nearest = own;
      const left = depth[at - 1] as number;
      const right = depth[at + 1] as number;
      const above = depth[at - width] as number;
      const below = depth[at + width] as number;
      if (left < nearest) nearest = left;
      if (right < nearest) nearest = right;
      if (above < nearest) nearest = above;
      if (below < nearest) nearest = below;
      surfaces[NUMBERS * at] = nearest;
    } else surfaces[NUMBERS * at] = nearestBeside(depth, at, width);
    surfaces[NUMBERS * at + 1] = kinds[at] === 0 ? Number.POSITIVE_INFINITY : own;
  }
  return surfaces;
}

/** Smallest depth among a pixel and its four neighbours; columns run on into the next row at the picture's sides. */
function nearestBeside(depth: Float32Array, at: number, width: number): number {
  let nearest = depth[at] as number;
  for (const beside of [at - 1, at + 1, at - width, at + width]) {
    const other = depth[beside];
    if (other !== undefined && other < nearest) nearest = other;
  }
  return nearest;
}
