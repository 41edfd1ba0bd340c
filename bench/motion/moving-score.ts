/** Counts of what is judged to move, against the truth. */
export class MovingScore {
  /** Pixels: rightly marked, wrongly, and missed. Truth: pixels of dynamic classes of things that move. */
  readonly pixels = { hit: 0, wrong: 0, missed: 0 };
  /** Wrongly marked pixels on what truly is of a dynamic class, but stands. */
  parkedPixels = 0;
  /**
   * Things of dynamic classes in a frame, from LEAST_PIXELS on, that the model gives a dynamic class: marked if most of these
   * pixels are.
   */
  readonly things = { hit: 0, wrong: 0, missed: 0, right: 0 };
  /** Things that move of which the model sees less than half as of a dynamic class: they cannot be marked. */
  unseen = 0;
  /** Points on things that stand, and on things that move: in all and kept in `points/static`. */
  readonly standing = { points: 0, kept: 0 };
  readonly moving = { points: 0, kept: 0 };

  add(other: MovingScore): void {
    for (const name of ['pixels', 'things', 'standing', 'moving'] as const) {
      const [to, from] = [this[name], other[name]] as Record<string, number>[];
      for (const key of Object.keys(to)) to[key] += from[key];
    }
    this.parkedPixels += other.parkedPixels;
    this.unseen += other.unseen;
  }
}

/** `hit` among all that is marked, and among all that should be. */
export function precisionRecall({ hit, wrong, missed }: { hit: number; wrong: number; missed: number }): {
  readonly precision: number;
  readonly recall: number;
} {
  return { precision: hit / (hit + wrong), recall: hit / (hit + missed) };
}
