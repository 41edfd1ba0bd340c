import { TrainingError } from '../../errors.js';
import { Random } from '../../simulator/random.js';

/**
 * The order in which samples are visited: a new permutation every epoch, a function of the seed alone. So a run that is
 * resumed at any step sees what an uninterrupted one would have seen.
 */
export class BatchOrder {
  readonly #indices: readonly number[];
  readonly #seed: number;
  #epoch = -1;
  #permutation: number[] = [];

  /** @param indices the samples of the set. */
  constructor(indices: readonly number[], seed: number) {
    if (indices.length === 0) throw new TrainingError('a training set needs `at least one` sample, got none');
    this.#indices = indices;
    this.#seed = seed;
  }

  /** The sample at a position of the endless sequence 0, 1, 2, ... */
  at(position: number): number {
    const count = this.#indices.length;
    const epoch = Math.floor(position / count);
    if (epoch !== this.#epoch) {
      this.#permutation = shuffled(this.#indices, new Random(this.#seed, epoch + 1));
      this.#epoch = epoch;
    }
    return this.#permutation[position % count] ?? 0;
  }
}

/**
 * Which of the shapes of a run a step's batch has: with two shapes every fourth step takes the second. Networks that are to
 * serve any aspect ratio see more than one.
 */
export function shapeOfStep(step: number, shapes: number): number {
  return shapes > 1 && step % 4 === 3 ? 1 : 0;
}

/** Fisher-Yates. */
function shuffled(items: readonly number[], random: Random): number[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    const swapped = result[i] ?? 0;
    result[i] = result[j] ?? 0;
    result[j] = swapped;
  }
  return result;
}
