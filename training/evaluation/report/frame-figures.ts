import { median } from '../../../vision/median.js';

/** What one depth image says about itself, and against the one before. */
export interface FrameFigures {
  /** Share of pixels with a depth, finite or too far; NaN where the encoding does not tell what is too far. */
  readonly coverage: number;
  /** Share of pixels with a finite depth. */
  readonly finite: number;
  /** Share that is too far to tell (+Inf); NaN where the encoding does not tell it. */
  readonly far: number;
  /** Median of the finite depths, in the image's own unit; NaN without any. */
  readonly medianDepth: number;
  /**
   * Median over a grid of |ln(depth / depth before)|; NaN for a first frame. What the camera's motion changes is in it, so it
   * compares outputs of one drive.
   */
  readonly flicker: number;
}

/** Pixels between two samples, in both directions. */
const GRID = 8;

/** A grid of a depth image's pixels, to be compared with the next. */
export function sampleGrid(depth: ArrayLike<number>, width: number, height: number): Float32Array {
  const columns = Math.ceil(width / GRID);
  const grid = new Float32Array(columns * Math.ceil(height / GRID));
  let to = 0;
  for (let row = 0; row < height; row += GRID)
    for (let column = 0; column < width; column += GRID)
      grid[to++] = depth[row * width + column] ?? Number.NaN;
  return grid;
}

/**
 * @param before grid of the frame before; of another size it does not count
 * @param tellsFar whether what is too far is another value than what is invalid: not so in 16UC1 (REP 118)
 */
export function frameFigures(
  depth: ArrayLike<number>,
  grid: Float32Array,
  before: Float32Array | undefined,
  tellsFar: boolean,
): FrameFigures {
  let [finite, far] = [0, 0];
  for (let i = 0; i < depth.length; i++) {
    const value = depth[i];
    if (value === Number.POSITIVE_INFINITY) far += 1;
    else if (value > 0) finite += 1;
  }
  const known = [...grid].filter((value) => value > 0 && value < Number.POSITIVE_INFINITY);
  const changes: number[] = [];
  if (before?.length === grid.length) {
    for (let i = 0; i < grid.length; i++) {
      const change = Math.abs(Math.log(grid[i] / before[i]));
      if (Number.isFinite(change)) changes.push(change);
    }
  }
  return {
    coverage: tellsFar ? (finite + far) / depth.length : Number.NaN,
    finite: finite / depth.length,
    far: tellsFar ? far / depth.length : Number.NaN,
    medianDepth: known.length > 0 ? median(known) : Number.NaN,
    flicker: changes.length > 0 ? median(changes) : Number.NaN,
  };
}
