import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { type Image, imageCodec } from '../../msgs/image.js';
import { stampedMessages } from '../datasets/bag/bag-topics.js';
import type { Stamped } from '../datasets/bag/match-stamps.js';
import { depthOfImage } from '../datasets/truth/depth-image.js';
import { TrainingError } from '../errors.js';
import { type ConfidenceEvaluation, ConfidenceTally } from './metrics/confidence-tally.js';
import type { DepthMetricOptions } from './metrics/depth-metrics.js';
import type { EvaluatedImage } from './metrics/depth-tally.js';

/** Judges the confidence topic of a replay's output beside its depth, whose images come in the order of their stamps. */
export class OutputConfidence {
  readonly #topic: string;
  readonly #images: AsyncGenerator<Stamped<Image>> | undefined;
  readonly #tally: ConfidenceTally;
  #held: Stamped<Image> | undefined;

  /** A bag without the topic has no confidence to judge. */
  constructor(bag: BagReader, topic: string, options: DepthMetricOptions) {
    this.#topic = topic;
    this.#tally = new ConfidenceTally(options);
    if (bag.topics.some(({ topic: name }) => name === topic))
      this.#images = stampedMessages(bag, topic, imageCodec);
  }

  /** @throws TrainingError where confidence and depth have not the same size. */
  async add({ name, truth, predictedMeters, metrics }: EvaluatedImage): Promise<void> {
    const stampNs = BigInt(name);
    while (this.#images !== undefined && (this.#held === undefined || this.#held.stampNs < stampNs)) {
      const next = await this.#images.next();
      if (next.done) break;
      this.#held = next.value;
    }
    if (this.#held?.stampNs !== stampNs) return;
    const confidence = depthOfImage(this.#held.value, this.#topic); // any 32FC1 image
    if (confidence.length !== predictedMeters.length) {
      const { width, height } = this.#held.value;
      throw new TrainingError(
        `${this.#topic} has images of ${width} x ${height} at stamp ${name}, but the depth has \`${truth.width} x ${truth.height}\`.`,
      );
    }
    this.#tally.add(truth, predictedMeters, confidence, metrics.ratio);
  }

  /** Undefined where there was none. */
  result(): ConfidenceEvaluation | undefined {
    return this.#tally.result();
  }

  async close(): Promise<void> {
    await this.#images?.return(undefined);
  }
}
