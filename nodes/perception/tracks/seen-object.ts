import type { JudgedComponent, Mover, Vector } from '../motion/judged-component.js';

/** The middle and the size of what is seen of a thing, along the camera's axes. */
export interface Box {
  readonly centre: Vector;
  readonly size: Vector;
}

/** A thing in one frame; lengths in depth units. */
export interface SeenObject {
  readonly kind: Mover;
  readonly components: readonly JudgedComponent[];
  /** Number of its pixels. */
  readonly pixels: number;
  /** In the camera's optical frame. */
  readonly box: Box;
  /** Pixels of each label. */
  readonly labels: ReadonlyMap<number, number>;
  /** How likely it moves, 0..1. */
  readonly moves: number;
  /** Its velocity if it moves, in the world's axes; absent where nothing could be measured. */
  readonly velocity?: Vector;
  /** Ids of the tracks that own it in the frame before, and by how much of it, 0..1. */
  readonly owners: ReadonlyMap<number, number>;
}
