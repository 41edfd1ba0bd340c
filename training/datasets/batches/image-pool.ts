import { TrainingError } from '../../errors.js';
import type { Tensors } from '../../optimizers/tensors.js';
import { Random } from '../../simulator/random.js';

export interface ImagePoolOptions {
  /** How many samples are kept; 50 in the papers, 0 gives everything back as it came. */
  readonly capacity: number;
  /** Numbers in a sample: H W C of all that is shown to the discriminator at once, such as image and depth. */
  readonly length: number;
  readonly seed: number;
}

/** Largest whole number up to which single precision counts exactly, plus one. */
const COUNT_BASE = 2 ** 24;

/**
 * Generated samples of earlier steps, so that a discriminator does not forget them: until the pool is full every sample is
 * kept and given back. Then, half of the time, an earlier one is given back and replaced by it.
 *
 * What it draws depends on its seed and on how many samples it has seen. Saved and restored, it goes on as if it had never
 * stopped. Source: Shrivastava et al. 2017, section 2.3, in the form of CycleGAN; adversarial-depth, section 3.1.
 */
export class ImagePool {
  readonly #options: ImagePoolOptions;
  #samples: Float32Array[] = [];
  #seen = 0;

  /** @throws TrainingError naming an option that is no whole number in its range. */
  constructor(options: ImagePoolOptions) {
    const { capacity, length } = options;
    if (!Number.isInteger(capacity) || capacity < 0)
      throw new TrainingError(`capacity: expected a whole number of at least \`0\`, got ${capacity}`);
    if (!Number.isInteger(length) || length < 1)
      throw new TrainingError(`length: expected a whole number of at least \`1\`, got ${length}`);
    this.#options = options;
  }

  /** Samples that are kept now. */
  get size(): number {
    return this.#samples.length;
  }

  /**
   * Replaces samples in place by what the discriminator is to see.
   * @param batch samples in a row.
   * @throws TrainingError when its length is no multiple of a sample's.
   */
  exchange(batch: Float32Array): void {
    const { length } = this.#options;
    if (batch.length % length !== 0) {
      throw new TrainingError(
        `batch: expected a multiple of \`${length}\` numbers, a sample's length, got ${batch.length}`,
      );
    }
    for (let begin = 0; begin < batch.length; begin += length)
      this.#exchangeOne(batch.subarray(begin, begin + length));
  }

  #exchangeOne(sample: Float32Array): void {
    const { capacity, seed } = this.#options;
    const random = new Random(seed, this.#seen);
    this.#seen += 1;
    if (this.#samples.length < capacity) {
      this.#samples.push(sample.slice());
      return;
    }
    if (capacity === 0 || random.chance(0.5)) return;
    const kept = this.#samples[random.integer(0, capacity - 1)];
    const earlier = kept.slice();
    kept.set(sample);
    sample.set(earlier);
  }

  /** Copies. */
  save(): Tensors {
    const { length } = this.#options;
    const samples = new Float32Array(this.#samples.length * length);
    for (const [i, sample] of this.#samples.entries()) samples.set(sample, i * length);
    return { samples, seen: Float32Array.of(Math.floor(this.#seen / COUNT_BASE), this.#seen % COUNT_BASE) };
  }

  /** @throws TrainingError when what was saved is of a pool with other options, or damaged. */
  restore({ samples, seen }: Tensors): void {
    const { capacity, length } = this.#options;
    if (samples === undefined || seen?.length !== 2)
      throw new TrainingError(
        'image pool: expected the saved arrays `samples` and `seen`; start the run anew',
      );
    const count = samples.length / length;
    if (!Number.isInteger(count) || count > capacity) {
      throw new TrainingError(
        `image pool: expected at most \`${capacity}\` saved samples of \`${length}\` numbers, got ${samples.length} numbers; resume with the options that the run started with`,
      );
    }
    this.#samples = Array.from({ length: count }, (_, i) => samples.slice(i * length, (i + 1) * length));
    this.#seen = seen[0] * COUNT_BASE + seen[1];
  }
}
