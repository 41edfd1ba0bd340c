import { UNLABELLED } from '../../models/class-table.js';
import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { imageCodec } from '../../msgs/image.js';
import { labelInfoCodec } from '../../msgs/label-info.js';
import { stampedMessages } from '../datasets/bag/bag-topics.js';
import { matchStamps } from '../datasets/bag/match-stamps.js';
import { CLASS_SETS } from '../datasets/classes/class-sets.js';
import { type ComparableClasses, comparableClasses } from '../datasets/classes/comparable-classes.js';
import { labelsOfImage } from '../datasets/truth/label-image.js';
import { TrainingError } from '../errors.js';
import { ConfusionMatrix, type SegmentationMetrics } from './metrics/segmentation-metrics.js';
import type { NegativeTransfer } from './negative-transfer.js';

export interface SegmentationEvaluation {
  readonly images: number;
  /** Predictions without truth of the same stamp. */
  readonly unmatched: number;
  /** One entry for each class set that truth and labels both have. */
  readonly classSets: readonly SegmentationMetrics[];
  readonly negativeTransfer?: NegativeTransfer | undefined;
}

/**
 * Compares predicted labels with true ones of the same stamp, one confusion matrix over the drive. What labels mean says
 * the topic `label_info` beside them; without one they are trainIds.
 * @returns undefined when no stamps match.
 * @throws TrainingError when the sizes differ.
 */
export async function evaluateSegmentation(
  predictions: BagReader,
  topic: string,
  truth: BagReader,
  truthTopic: string,
): Promise<SegmentationEvaluation | undefined> {
  const classes = await classesOf(predictions, topic);
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
        { topic },
      );
    }
    const labels = labelsOfImage(value, topic);
    confusion.add(
      labelsOfImage(match, truthTopic),
      classes === undefined ? labels : labels.map((label) => classes.trainIds[label] ?? label),
    );
    images++;
  }
  if (images === 0) return undefined;
  return { images, unmatched, classSets: (classes?.sets ?? CLASS_SETS).map((set) => confusion.metrics(set)) };
}

/** @returns undefined where nothing says what the labels are called. @throws TrainingError when none is a class of Cityscapes. */
async function classesOf(bag: BagReader, topic: string): Promise<ComparableClasses | undefined> {
  const named = topic.replace(/[^/]*$/, 'label_info');
  if (!bag.topics.some((known) => known.topic === named && known.type === labelInfoCodec.type))
    return undefined;
  for await (const { cdr } of bag.messages({ topics: [named] })) {
    const names: string[] = [];
    for (const { class_id, class_name } of labelInfoCodec.decode(cdr).class_map) {
      if (class_id < UNLABELLED) names[class_id] = class_name;
    }
    const list = Array.from(names, (name) => name ?? '');
    const classes = comparableClasses(list);
    if (classes !== undefined) return classes;
    throw new TrainingError(
      `${bag.path}: ${named} names none of the classes of Cityscapes, got \`${list.join('`, `')}\`: these labels cannot be compared with trainIds.`,
      { file: bag.path },
    );
  }
  return undefined;
}
