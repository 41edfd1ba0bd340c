import type { ClassSet } from '../datasets/classes/class-sets.js';
import { ConfusionMatrix } from './metrics/segmentation-metrics.js';

/** Share of the images whose mIoU falls below another model's, by class set. */
export interface NegativeTransfer {
  /** The model that is compared with: as a rule the one before an adaptation, or without one. */
  readonly against: string;
  readonly images: number;
  readonly rates: Readonly<Record<string, number>>;
}

/**
 * Compares two models image by image. Source: DADA, section 4.2, "negative transfer rate" (after SPIGAN): lower is better.
 */
export class NegativeTransferTally {
  readonly #sets: readonly ClassSet[];
  readonly #against: string;
  readonly #worse: number[];
  #images = 0;

  constructor(sets: readonly ClassSet[], against: string) {
    this.#sets = sets;
    this.#against = against;
    this.#worse = sets.map(() => 0);
  }

  /** An image's labels, as trainIds; images without a labelled pixel do not count. */
  add(truth: Uint8Array, predicted: Uint8Array, other: Uint8Array): void {
    const [own, rival] = [predicted, other].map((labels) => {
      const confusion = new ConfusionMatrix();
      confusion.add(truth, labels);
      return confusion;
    });
    if (own === undefined || rival === undefined) return;
    const pairs = this.#sets.map((set) => [own.metrics(set).meanIou, rival.metrics(set).meanIou] as const);
    if (pairs.every(([iou]) => Number.isNaN(iou))) return;
    this.#images += 1;
    for (const [i, [iou, otherIou]] of pairs.entries()) {
      if (iou < otherIou) this.#worse[i] = (this.#worse[i] ?? 0) + 1;
    }
  }

  result(): NegativeTransfer | undefined {
    if (this.#images === 0) return undefined;
    const rates = this.#sets.map(({ name }, i) => [name, (this.#worse[i] ?? 0) / this.#images] as const);
    return { against: this.#against, images: this.#images, rates: Object.fromEntries(rates) };
  }
}
