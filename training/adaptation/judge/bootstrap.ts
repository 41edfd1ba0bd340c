import { Random } from '../../simulator/random.js';

/** A mean and its central 95 % interval. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const REPETITIONS = 2000;

/**
 * The mean of weighted values and its 95 % interval by the circular block bootstrap. Neighbours in time resemble each other,
 * so whole runs of them are drawn with replacement. The interval is as wide as it has to be.
 *
 * @param values in the order of time, at least one.
 * @param block length of the runs; 1 for independent values.
 * @param seed of the draws: the same values give the same interval.
 * Source: Politis and Romano 1992 (circular block bootstrap), percentile interval.
 */
export function blockBootstrap(values: readonly number[], block: number, seed = 1): Interval {
  return ratioBootstrap(
    values,
    values.map(() => 1),
    block,
    seed,
  );
}

/**
 * As `blockBootstrap`, of sum(numerators) / sum(denominators).
 * @param parts which drive each value is of, if they are of several: no run goes over from one to another. Those of a drive lie
 * together. A drive that is shorter than a run is one.
 */
export function ratioBootstrap(
  numerators: readonly number[],
  denominators: readonly number[],
  block: number,
  seed = 1,
  parts?: readonly number[],
): Interval {
  const count = numerators.length;
  const begins = numerators.map((_, i) => (parts === undefined ? 0 : parts.indexOf(parts[i])));
  const lengths = numerators.map((_, i) =>
    parts === undefined ? count : parts.filter((part) => part === parts[i]).length,
  );
  const ratio = (indices: Iterable<number>): number => {
    let [top, bottom] = [0, 0];
    for (const i of indices) {
      top += numerators[i];
      bottom += denominators[i];
    }
    return top / bottom;
  };
  const random = new Random(seed, 7);
  const drawn = new Float64Array(REPETITIONS);
  const indices = new Int32Array(count);
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    for (let filled = 0; filled < count; ) {
      const start = random.integer(0, count - 1);
      const [begin, length] = [begins[start], lengths[start]];
      const run = Math.min(block, length, count - filled);
      for (let k = 0; k < run; k++) indices[filled + k] = begin + ((start - begin + k) % length);
      filled += run;
    }
    drawn[repetition] = ratio(indices);
  }
  drawn.sort();
  const at = (share: number) => drawn[Math.min(REPETITIONS - 1, Math.floor(share * REPETITIONS))];
  return { mean: ratio(Array.from({ length: count }, (_, i) => i)), low: at(0.025), high: at(0.975) };
}

/** Length of blocks for values in the order of time: grows with the cube root of their number, as the theory asks. */
export function blockLength(count: number): number {
  return Math.max(1, Math.min(Math.floor(count / 4), Math.round(1.5 * Math.cbrt(count))));
}
