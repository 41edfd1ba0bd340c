import type { PictureModel } from '../../../models/model-runner.js';
import { CLASS_SETS } from '../../datasets/classes/class-sets.js';
import type { Sample } from '../../datasets/stores/sample.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import { sparseFromDense } from '../../datasets/stores/sparse-depth.js';
import { depthMetrics } from '../../evaluation/metrics/depth-metrics.js';
import { ConfusionMatrix } from '../../evaluation/metrics/segmentation-metrics.js';
import { Random } from '../../simulator/random.js';
import type { Interval } from './bootstrap.js';
import { errorGrowth } from './error-growth.js';

/** What is left of what a model knew: both models on the same labelled samples of the domain that the parent comes from. */
export interface SourceFigures {
  readonly samples: number;
  readonly parent: SourceQuality;
  readonly candidate: SourceQuality;
  /** Growth of AbsRel without scaling on a sample, geometric mean over the samples: above 0 is a loss. */
  readonly absRelLoss: Interval;
  /** parent - candidate, of mIoU: above 0 is a loss. */
  readonly meanIouLoss: Interval;
}

export interface SourceQuality {
  /** Cap 80 m, whole picture, mean over the samples. */
  readonly absRel: number;
  readonly absRelMedianScaled: number;
  /** Over Cityscapes' 19 classes. */
  readonly meanIou: number;
}

/** What a model made of one sample. */
export interface SampleFigures {
  readonly absRel: number;
  readonly absRelMedianScaled: number;
  readonly confusion: ConfusionMatrix;
}

const [NINETEEN] = CLASS_SETS;
/** Bootstrap repetitions for the mIoU, each of which takes a matrix. */
const REPETITIONS = 400;

/**
 * @param indices of the samples in the store that count.
 * @param look changes what both models see of a sample; its truth stays.
 * @param memo the parent's figures by position, filled by the first comparison. Spares work when another candidate is
 * compared with the same parent on the same samples.
 */
export async function judgeSource(
  { folder, description }: { readonly folder: string; readonly description: StoreDescription },
  {
    indices,
    parent,
    candidate,
    look = ({ rgb }) => rgb,
    memo = new Map(),
  }: {
    readonly indices: readonly number[];
    readonly parent: PictureModel;
    readonly candidate: PictureModel;
    readonly look?: (sample: Sample, position: number) => Uint8Array;
    readonly memo?: Map<number, SampleFigures>;
  },
): Promise<SourceFigures> {
  const store = SampleStore.open(folder, description);
  const rows: { parent: SampleFigures; candidate: SampleFigures }[] = [];
  try {
    for (const [position, index] of indices.entries()) {
      const sample = store.read(index);
      const rgb = look(sample, position);
      const figures = async (model: PictureModel): Promise<SampleFigures> => {
        const { depth, labels } = await model.run({ ...sample, rgb }, sample.intrinsics);
        const truth = sparseFromDense(sample.depthMeters, sample.height, sample.width);
        const plain = depthMetrics(truth, depth, { crop: 'none', medianScaling: false });
        const scaled = depthMetrics(truth, depth, { crop: 'none' });
        const confusion = new ConfusionMatrix();
        if (labels !== undefined) confusion.add(sample.labels, labels);
        return {
          absRel: plain?.absRel ?? Number.NaN,
          absRelMedianScaled: scaled?.absRel ?? Number.NaN,
          confusion,
        };
      };
      const before = memo.get(position) ?? (await figures(parent));
      memo.set(position, before);
      rows.push({ parent: before, candidate: await figures(candidate) });
    }
  } finally {
    store.close();
  }
  const known = rows.filter((row) => Number.isFinite(row.parent.absRel));
  const quality = (of: 'parent' | 'candidate'): SourceQuality => ({
    absRel: mean(known.map((row) => row[of].absRel)),
    absRelMedianScaled: mean(known.map((row) => row[of].absRelMedianScaled)),
    meanIou: meanIou(rows.map((row) => row[of].confusion)),
  });
  return {
    samples: rows.length,
    parent: quality('parent'),
    candidate: quality('candidate'),
    absRelLoss: errorGrowth(known.map((row) => [row.parent.absRel, row.candidate.absRel])),
    meanIouLoss: meanIouLoss(rows),
  };
}

function meanIouLoss(rows: readonly { parent: SampleFigures; candidate: SampleFigures }[]): Interval {
  const random = new Random(1, 7);
  const loss = (drawn: readonly (typeof rows)[number][]) =>
    meanIou(drawn.map((row) => row.parent.confusion)) - meanIou(drawn.map((row) => row.candidate.confusion));
  const losses = Float64Array.from({ length: REPETITIONS }, () =>
    loss(rows.map(() => rows[random.integer(0, rows.length - 1)])),
  ).sort();
  const at = (share: number) => losses[Math.floor(share * REPETITIONS)];
  return { mean: loss(rows), low: at(0.025), high: at(0.975) };
}

function meanIou(matrices: readonly ConfusionMatrix[]): number {
  const sum = new ConfusionMatrix();
  for (const matrix of matrices) sum.merge(matrix);
  return sum.metrics(NINETEEN).meanIou;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
