import { BatchOrder } from '../../datasets/batches/batch-order.js';

/**
 * The order in which triplets of several drives are learned from. Neighbours in it are of different drives as far as
 * possible, so that a step has gradients of several. A drive's turns grow with the root of its length, so that a long drive
 * does not drown a short one. Of one drive it is a new permutation every pass. A function of the seed and the position alone.
 */
export class DriveOrder {
  readonly #orders: readonly BatchOrder[];
  readonly #shares: readonly number[];
  /** Turns that each drive had before position `#at`. */
  #turns: number[];
  #at = 0;
  #drive = 0;

  /** @param drives of the triplets, in their order. */
  constructor(drives: readonly number[], seed: number) {
    const names = [...new Set(drives)].sort((a, b) => a - b);
    const members = names.map((name) => [...drives.keys()].filter((i) => drives[i] === name));
    const roots = members.map(({ length }) => Math.sqrt(length));
    const all = roots.reduce((sum, root) => sum + root, 0);
    this.#shares = roots.map((root) => root / all);
    this.#orders = members.map((indices, i) => new BatchOrder(indices, seed + 7919 * i));
    this.#turns = names.map(() => 0);
  }

  /** The triplet at a position of the endless sequence 0, 1, 2, ... */
  at(position: number): number {
    if (position < this.#at) {
      this.#turns = this.#turns.map(() => 0);
      this.#at = 0;
    }
    while (this.#at <= position) {
      // Whoever is farthest behind its share.
      const debts = this.#shares.map((share, i) => share * (this.#at + 1) - this.#turns[i]);
      this.#drive = debts.indexOf(Math.max(...debts));
      this.#turns[this.#drive]++;
      this.#at++;
    }
    return this.#orders[this.#drive].at(this.#turns[this.#drive] - 1);
  }
}
