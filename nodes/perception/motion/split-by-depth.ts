import { type Component, connectedComponents } from './connected-components.js';
import type { MotionView } from './motion-view.js';

/** Logarithm of the depths' ratio within a piece. */
const BAND = 0.25;
/** Components smaller than this many pixels are left whole. */
const LEAST_PIXELS = 100;
/** Share of the pixels at either end that do not count: depths smear at borders. */
const TAIL = 0.05;

/**
 * Cuts components that reach far into the distance, such as a row of parked cars that a smooth depth runs together, into
 * connected pieces of about the same depth.
 */
export function splitByDepth(
  components: readonly Component[],
  { height, width, depth, kinds }: MotionView,
): Component[] {
  const marks = new Int32Array(height * width);
  let bands = 0;
  for (const { pixels } of components) {
    const logarithms = new Float32Array(pixels.length);
    for (let i = 0; i < pixels.length; i++) logarithms[i] = Math.log(depth[pixels[i] as number] as number);
    const sorted = logarithms.filter(Number.isFinite).sort();
    const low = sorted[Math.floor(sorted.length * TAIL)] ?? 0;
    const high = sorted[Math.ceil(sorted.length * (1 - TAIL)) - 1] ?? 0;
    const count = pixels.length < LEAST_PIXELS ? 1 : Math.max(1, Math.ceil((high - low) / BAND));
    for (let i = 0; i < pixels.length; i++) {
      const band = Math.floor((count * ((logarithms[i] as number) - low)) / (high - low));
      marks[pixels[i] as number] = bands + 1 + (count === 1 ? 0 : Math.max(0, Math.min(count - 1, band)));
    }
    bands += count;
  }
  return connectedComponents(kinds, depth, height, width, marks);
}
