import type { Random } from '../random.js';

/** A stretch beside the road on which something stands. */
export interface AlongPlot {
  readonly random: Random;
  readonly side: 1 | -1;
  /** Station where it begins, and how far it reaches along the road, metres. */
  readonly s: number;
  readonly length: number;
  /** Distance outward from the middle of the road, metres. */
  readonly outward: number;
}
