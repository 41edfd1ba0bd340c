import type { Mover, Vector } from '../motion/judged-component.js';
import type { Box } from './seen-object.js';

/** A thing that is followed from frame to frame, as one frame shows it; lengths in depth units. */
export interface Track {
  /** The same as long as it is followed; never given twice. */
  readonly id: number;
  readonly kind: Mover;
  /** Labels that its pixels had of late with their shares, the largest first. */
  readonly labels: readonly (readonly [label: number, share: number])[];
  /** In the camera's optical frame: what is seen of it. */
  readonly box: Box;
  /** [9] of the middle, row major. */
  readonly covariance: readonly number[];
  /** Over ground, along the axes of the camera's optical frame, a second: the mean over moving and standing. */
  readonly velocity: Vector;
  /** How likely it moves, 0..1. */
  readonly moves: number;
}
