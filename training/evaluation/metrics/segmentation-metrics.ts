import { CITYSCAPES_CLASSES } from '../../../models/class-table.js';
import type { ClassSet } from '../../datasets/classes/class-sets.js';
import { TrainingError } from '../../errors.js';

export interface SegmentationMetrics {
  /** Name of the class set, for instance `19`. */
  readonly classSet: string;
  /** Mean of the IoUs of the classes that occur in truth or prediction; NaN without any. */
  readonly meanIou: number;
  /** How many classes that mean is over, and how many the set has: the same, unless the split lacks some. */
  readonly occurring: number;
  readonly classes: number;
  /** Share of the counted pixels whose class is right. */
  readonly pixelAccuracy: number;
  readonly pixels: number;
  /** IoU = TP / (TP + FP + FN) by class name; NaN for a class that occurs neither in truth nor in prediction. */
  readonly iou: Readonly<Record<string, number>>;
}

const CLASSES = CITYSCAPES_CLASSES.length;

/**
 * One confusion matrix over a whole split, of trainIds 0..18.
 *
 * Truth outside 0..18 (255 = unlabelled) is ignored. A prediction outside 0..18 is wrong: a miss of the true class.
 */
export class ConfusionMatrix {
  /** [true class, predicted class or CLASSES for none]. */
  readonly #counts = new Float64Array(CLASSES * (CLASSES + 1));

  /**
   * Counts the pixels of one image.
   * @throws TrainingError when the two label images differ in length.
   */
  add(truth: Uint8Array, predicted: Uint8Array): void {
    if (truth.length !== predicted.length) {
      throw new TrainingError(
        `Predicted labels need as many pixels as the true ones, \`${truth.length}\`, got \`${predicted.length}\`.`,
      );
    }
    for (let i = 0; i < truth.length; i++) {
      const trueClass = truth[i] ?? 255;
      if (trueClass >= CLASSES) continue;
      const cell = trueClass * (CLASSES + 1) + Math.min(CLASSES, predicted[i] ?? 255);
      this.#counts[cell] = (this.#counts[cell] ?? 0) + 1;
    }
  }

  /** Adds the counts of another one. */
  merge(other: ConfusionMatrix): void {
    for (let i = 0; i < this.#counts.length; i++) this.#counts[i] += other.#counts[i];
  }

  /**
   * IoU over a class set. True pixels of classes that the set lacks are ignored, as unlabelled ones are. Where such a class
   * is predicted on a pixel that counts, the true class is missed.
   */
  metrics(set: ClassSet): SegmentationMetrics {
    const size = set.classNames.length;
    const truePositives = new Float64Array(size);
    const falsePositives = new Float64Array(size);
    const falseNegatives = new Float64Array(size);
    let pixels = 0;
    for (let t = 0; t < CLASSES; t++) {
      const trueIndex = set.indexOfTrainId[t];
      if (trueIndex === undefined) continue;
      for (let p = 0; p <= CLASSES; p++) {
        const count = this.#counts[t * (CLASSES + 1) + p] ?? 0;
        const predictedIndex = set.indexOfTrainId[p];
        pixels += count;
        if (predictedIndex === trueIndex) {
          truePositives[trueIndex] = (truePositives[trueIndex] ?? 0) + count;
          continue;
        }
        falseNegatives[trueIndex] = (falseNegatives[trueIndex] ?? 0) + count;
        if (predictedIndex === undefined) continue;
        falsePositives[predictedIndex] = (falsePositives[predictedIndex] ?? 0) + count;
      }
    }
    const iou = set.classNames.map((name, index): [string, number] => {
      const right = truePositives[index] ?? 0;
      return [name, right / (right + (falsePositives[index] ?? 0) + (falseNegatives[index] ?? 0))];
    });
    const occurring = iou.map(([, value]) => value).filter((value) => !Number.isNaN(value));
    return {
      classSet: set.name,
      meanIou: occurring.reduce((sum, value) => sum + value, 0) / occurring.length,
      ...{ occurring: occurring.length, classes: size },
      pixelAccuracy: truePositives.reduce((sum, count) => sum + count, 0) / pixels,
      pixels,
      iou: Object.fromEntries(iou),
    };
  }
}
