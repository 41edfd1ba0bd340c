import { Random } from '../../../simulator/random.js';
import { blockLength, type Interval, ratioBootstrap } from '../bootstrap.js';

/** Two labellings of the same pixels, counted: how far they agree. */
export class LabelOverlap {
  readonly classes: number;
  readonly #both: Float64Array;
  readonly #one: Float64Array;
  readonly #other: Float64Array;
  #compared = 0;

  constructor(classes: number) {
    this.classes = classes;
    this.#both = new Float64Array(classes);
    this.#one = new Float64Array(classes);
    this.#other = new Float64Array(classes);
  }

  /** Counts a pixel; a label of no class counts for the other side alone. */
  add(one: number, other: number): void {
    this.#compared++;
    if (one < this.classes) this.#one[one]++;
    if (other < this.classes) this.#other[other]++;
    if (one === other && one < this.classes) this.#both[one]++;
  }

  merge(overlap: LabelOverlap): void {
    this.#compared += overlap.#compared;
    for (let i = 0; i < this.classes; i++) {
      this.#both[i] += overlap.#both[i];
      this.#one[i] += overlap.#one[i];
      this.#other[i] += overlap.#other[i];
    }
  }

  /** All pixels that were compared. */
  get compared(): number {
    return this.#compared;
  }

  /** Pixels with the same class in both labellings. */
  get same(): number {
    return this.#both.reduce((sum, pixels) => sum + pixels, 0);
  }

  /** Pixels of a class, both labellings together. */
  pixels(label: number): number {
    return this.#one[label] + this.#other[label];
  }

  /**
   * Mean over classes of intersection / union. A class without any pixel has 0: who has given up a class agrees with nobody
   * about it.
   */
  meanIou(classes: readonly number[]): number {
    let sum = 0;
    for (const label of classes) {
      const union = this.#one[label] + this.#other[label] - this.#both[label];
      if (union > 0) sum += this.#both[label] / union;
    }
    return sum / classes.length;
  }
}

/** Classes with a smaller share of the pixels are too few to say anything by their IoU. */
const LEAST_SHARE = 0.001;
const REPETITIONS = 400;

/**
 * By how much two labellings agree more after than before, in mIoU over the classes that there were before. The 95 % interval
 * is over pictures, neighbours in time drawn together.
 * @param pairs of each picture, in the order of time, at least one.
 */
export function agreementGain(
  pairs: readonly (readonly [before: LabelOverlap, after: LabelOverlap])[],
): Interval {
  const before = sumOf(pairs.map(([one]) => one));
  const totals = Array.from({ length: before.classes }, (_, label) => before.pixels(label));
  const least = LEAST_SHARE * totals.reduce((a, b) => a + b, 0);
  const classes = [...totals.keys()].filter((label) => totals[label] > least);
  const gain = (drawn: typeof pairs) =>
    sumOf(drawn.map(([, after]) => after)).meanIou(classes) -
    sumOf(drawn.map(([one]) => one)).meanIou(classes);
  const random = new Random(1, 7);
  const block = blockLength(pairs.length);
  const drawn = Float64Array.from({ length: REPETITIONS }, () => {
    const some: (readonly [LabelOverlap, LabelOverlap])[] = [];
    while (some.length < pairs.length) {
      const start = random.integer(0, pairs.length - 1);
      for (let k = 0; k < block && some.length < pairs.length; k++)
        some.push(pairs[(start + k) % pairs.length]);
    }
    return gain(some);
  }).sort();
  const at = (share: number) => drawn[Math.floor(share * REPETITIONS)];
  return { mean: gain(pairs), low: at(0.025), high: at(0.975) };
}

/**
 * By how large a share of the pixels two labellings agree more after than before, and the 95 % interval as above. Large classes
 * decide it, so it is far less noisy than `agreementGain`, and says nothing of small ones.
 */
export function pixelGain(
  pairs: readonly (readonly [before: LabelOverlap, after: LabelOverlap])[],
): Interval {
  return ratioBootstrap(
    pairs.map(([before, after]) => after.same - before.same),
    pairs.map(([before]) => before.compared),
    blockLength(pairs.length),
  );
}

function sumOf(overlaps: readonly LabelOverlap[]): LabelOverlap {
  const sum = new LabelOverlap(overlaps[0].classes);
  for (const overlap of overlaps) sum.merge(overlap);
  return sum;
}
