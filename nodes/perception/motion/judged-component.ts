import type { KIND } from './motion-view.js';

/** A vector x, y, z. */
export type Vector = readonly [x: number, y: number, z: number];

/** What moves by itself. */
export type Mover = Exclude<keyof typeof KIND, 'none'>;

/** A part of a thing with what the frames up to this one say about its motion. */
export interface JudgedComponent {
  readonly kind: Mover;
  /** Indices of its pixels, ascending. */
  readonly pixels: Int32Array;
  /** How likely it moves, 0..1. */
  readonly moves: number;
  /** Its velocity if it moves, in the world's axes, depth units a second; absent where nothing could be measured. */
  readonly velocity?: Vector;
  readonly owners: Owners;
}

/** Which tracks own some pixels of a component in the frame before, where they were by its motion. */
export interface Owners {
  /** Indices of the pixels in this frame, ascending. */
  readonly pixels: Int32Array;
  /** Id of each; 0: nobody's. */
  readonly ids: Int32Array;
}
