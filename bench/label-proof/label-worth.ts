import type { ModelRunner } from '../../models/model-runner.js';
import { CLASS_SETS } from '../../training/datasets/classes/class-sets.js';
import { SampleStore } from '../../training/datasets/stores/sample-store.js';
import { ConfusionMatrix } from '../../training/evaluation/metrics/segmentation-metrics.js';
import { DYNAMIC_CLASSES } from '../../training/losses/dynamic-masks.js';
import type { ProofDrive } from '../judge-proof/proof-drive.js';

/** Labels of a model on the judged part of a drive against the simulator's, 0..1. */
export interface LabelQuality {
  /** Over the 19 classes, as far as they occur, and over the 7 categories. */
  readonly meanIou: number;
  readonly categoriesIou: number;
  /** IoU of all dynamic classes together. */
  readonly dynamicIou: number;
}

/** What the simulator knows and the judge does not: candidate - parent. */
export interface LabelWorth extends LabelQuality {
  readonly worth: 'good' | 'indifferent' | 'bad';
}

/** A candidate is good when mIoU rises by at least this, and nothing else falls. */
export const GOOD_GAIN = 0.005;
/** It is bad when mIoU does not rise, or when categories or dynamic classes lose more than this. */
export const MOST_LOSS = 0.005;

const EVERY = 2;

export async function labelQuality(
  model: ModelRunner,
  { truth, judgeFrames, view }: ProofDrive,
): Promise<LabelQuality> {
  const store = SampleStore.open(truth.folder, truth.description);
  const confusion = new ConfusionMatrix();
  let [both, either] = [0, 0];
  for (const index of judgeFrames.filter((_, i) => i % EVERY === 0)) {
    const sample = store.read(index);
    const { labels } = await model.run(sample, view.intrinsics);
    if (labels === undefined) continue;
    confusion.add(sample.labels, labels);
    for (let i = 0; i < labels.length; i++) {
      const [is, seen] = [sample.labels[i], labels[i]].map((label) => DYNAMIC_CLASSES.includes(label));
      if (is && seen) both++;
      if (is || seen) either++;
    }
  }
  store.close();
  const of = (name: string) => {
    const set = CLASS_SETS.find((each) => each.name === name);
    return set === undefined ? Number.NaN : confusion.metrics(set).meanIou;
  };
  return { meanIou: of('19'), categoriesIou: of('7'), dynamicIou: either === 0 ? 1 : both / either };
}

export function labelWorth(candidate: LabelQuality, parent: LabelQuality): LabelWorth {
  const meanIou = candidate.meanIou - parent.meanIou;
  const categoriesIou = candidate.categoriesIou - parent.categoriesIou;
  const dynamicIou = candidate.dynamicIou - parent.dynamicIou;
  const isBad = !(meanIou > 0 && categoriesIou >= -MOST_LOSS && dynamicIou >= -MOST_LOSS);
  const worth = isBad ? 'bad' : meanIou >= GOOD_GAIN ? 'good' : 'indifferent';
  return { meanIou, categoriesIou, dynamicIou, worth };
}
