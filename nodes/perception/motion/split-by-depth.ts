import { nthSmallest } from '../../../vision/nth-smallest.js';
import { type Component, connectedComponents } from './connected-components.js';
import type { MotionView } from './motion-view.js';

/** Logarithm of the depths' ratio within a piece. */
const BAND = 0.25;
/** Components smaller than this many pixels are left whole. */
const LEAST_PIXELS = 100;
/** Share of the pixels at either end that do not count: depths smear at borders. */
const TAIL = 0.05;

// Used again from one frame to the next.
let marks = new Int32Array(0);

/**
 * Cuts components that reach far into the distance into connected pieces of about the same depth. A row of parked cars that a
 * smooth depth runs together is one.
 */
export function splitByDepth(
  components: readonly Component[],
  { height, width, depth, kinds }: MotionView,
): Component[] {
  // What is in no component is never read.
  if (marks.length !== height * width) marks = new Int32Array(height * width);
  let bands = 0;
  for (const { pixels } of components) {
    const [low, high] = pixels.length < LEAST_PIXELS ? [0, 0] : logarithmRange(pixels, depth);
    const count = Math.max(1, Math.ceil((high - low) / BAND));
    for (let i = 0; i < pixels.length; i++) {
      const at = pixels[i] as number;
      let band = 0;
      if (count > 1) {
        const logarithm = Math.fround(Math.log(depth[at] as number));
        band = Math.max(0, Math.min(count - 1, Math.floor((count * (logarithm - low)) / (high - low))));
      }
      marks[at] = bands + 1 + band;
    }
    bands += count;
  }
  return connectedComponents(kinds, depth, height, width, marks);
}

/** Between which logarithms the finite depths of these pixels lie, without the tails; [0, 0] where there are none. */
function logarithmRange(pixels: Int32Array, depth: Float32Array): readonly [number, number] {
  const known = new Float32Array(pixels.length);
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    const own = depth[pixels[i] as number] as number;
    if (own > 0 && own < Number.POSITIVE_INFINITY) known[count++] = own;
  }
  if (count === 0) return [0, 0];
  const low = nthSmallest(known, count, Math.floor(count * TAIL));
  const high = nthSmallest(known, count, Math.ceil(count * (1 - TAIL)) - 1);
  return [Math.fround(Math.log(low)), Math.fround(Math.log(high))];
}
