import type { GroundPlane } from '../../../vision/ground-plane.js';

/** Time within which a new plane is mostly taken over, seconds: braking pitches a car within less than a second. */
const SETTLES_S = 0.3;
/** A plane is held that long while none is seen. */
const HELD_S = 2;

/** The ground under a camera over time: smoothed, and held for two seconds where none is seen. */
export class GroundFilter {
  #plane: GroundPlane | undefined;
  #seenNs = 0n;

  /** @returns the ground at this frame; undefined where it is unknown. */
  add(stampNs: bigint, seen: GroundPlane | undefined): GroundPlane | undefined {
    const seconds = Number(stampNs - this.#seenNs) / 1e9;
    const before = seconds >= 0 && seconds <= HELD_S ? this.#plane : undefined;
    if (seen === undefined) {
      this.#plane = before;
      return before;
    }
    const share = before === undefined ? 1 : 1 - Math.exp(-seconds / SETTLES_S);
    const { a, b, c } = before ?? seen;
    this.#plane = { a: a + share * (seen.a - a), b: b + share * (seen.b - b), c: c + share * (seen.c - c) };
    this.#seenNs = stampNs;
    return this.#plane;
  }
}
