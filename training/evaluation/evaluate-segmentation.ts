import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { imageCodec } from '../../msgs/image.js';
import { stampedMessages } from '../datasets/bag/bag-topics.js';
import { matchStamps } from '../datasets/bag/match-stamps.js';
import { TrainingError } from '../errors.js';
import { CLASS_SETS } from './metrics/class-sets.js';
import { ConfusionMatrix, type SegmentationMetrics } from './metrics/segmentation-metrics.js';
import { labelsOfImage } from './truth/label-image.js';

export interface SegmentationEvaluation {
  readonly images: number;
  /** Predictions without truth of the same stamp. */
  readonly unmatched: number;
  /** One entry for each of CLASS_SETS. */
  readonly classSets: readonly SegmentationMetrics[];
}

/**
 * Compares predicted labels with true ones of the same stamp, one confusion matrix over the drive.
 * @returns undefined when no stamps match.
 * @throws TrainingError when the sizes differ.
 */
export async function evaluateSegmentation(
  predictions: BagReader,
  topic: string,
  truth: BagReader,
  truthTopic: string,
): Promise<SegmentationEvaluation | undefined> {
  const confusion = new ConfusionMatrix();
  let images = 0;
  let unmatched = 0;
  const predicted = stampedMessages(predictions, topic, imageCodec);
  const actual = stampedMessages(truth, truthTopic, imageCodec);
  for await (const { value, match } of matchStamps(predicted, actual, 0n)) {
    if (match === undefined) {
      unmatched++;
      continue;
    }
    if (match.width !== value.width || match.height !== value.height) {
      throw new TrainingError(
        `${topic} has images of ${value.width} x ${value.height}, but the true labels (${truthTopic}) are \`${match.width} x ${match.height}\`.`,
      );
    }
    confusion.add(labelsOfImage(match, truthTopic), labelsOfImage(value, topic));
    images++;
  }
  if (images === 0) return undefined;
  return { images, unmatched, classSets: CLASS_SETS.map((set) => confusion.metrics(set)) };
}
