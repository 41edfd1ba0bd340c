import { UNLABELLED } from '../../models/class-table.js';
import type { PictureModel } from '../../models/model-runner.js';
import type { Perceived } from '../../models/perceive.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { CLASS_SETS, type ClassSet } from '../datasets/classes/class-sets.js';
import { type ComparableClasses, comparableClasses } from '../datasets/classes/comparable-classes.js';
import { TrainingError } from '../errors.js';
import type { SegmentationEvaluation } from './evaluate-segmentation.js';
import { type ConfidenceEvaluation, ConfidenceTally } from './metrics/confidence-tally.js';
import type { DepthMetricOptions } from './metrics/depth-metrics.js';
import { type DepthEvaluation, DepthTally, type EvaluatedImage } from './metrics/depth-tally.js';
import { ConfusionMatrix } from './metrics/segmentation-metrics.js';
import { TrivialPredictorBuilder } from './metrics/trivial-predictors.js';
import { NegativeTransferTally } from './negative-transfer.js';
import { type PhantomEvaluation, PhantomTally } from './phantoms/phantom-tally.js';
import type { EvaluationFrame, EvaluationSource } from './sources/evaluation-source.js';
import { readAhead } from './sources/read-ahead.js';

/** Labels of one picture beside the true ones, for pictures. */
export interface EvaluatedLabels {
  readonly name: string;
  readonly picture: RgbPicture;
  readonly truth: Uint8Array;
  readonly predicted: Uint8Array;
}

/** What is told while an evaluation passes by; awaited. */
export interface FrameObserver {
  onDepth?(image: EvaluatedImage, picture: RgbPicture): Promise<void>;
  onLabels?(labels: EvaluatedLabels): Promise<void>;
  /** After each frame. */
  onFrame?(done: number): void;
}

export interface FramesEvaluation {
  readonly depth: DepthEvaluation | undefined;
  readonly segmentation: SegmentationEvaluation | undefined;
  /** What is seen on bare road; undefined for relative depth, and where the truth shows no road. */
  readonly phantoms: PhantomEvaluation | undefined;
  /** Undefined for models that tell none. */
  readonly confidence: ConfidenceEvaluation | undefined;
}

/** Another model, whose labels are compared image by image. */
export interface Rival {
  /** As reports call it. */
  readonly name: string;
  readonly model: PictureModel;
}

/**
 * Runs a model over pictures and compares what it says with the truth. That is depth where it is known, labels where they are
 * known and the model has classes. The truth is read twice (the trivial predictors come first). What a model of metric depth
 * sees on bare road is looked at too.
 * @throws TrainingError when there is nothing to compare with.
 */
export async function evaluateFrames(
  model: PictureModel,
  source: EvaluationSource,
  options: DepthMetricOptions,
  observer: FrameObserver = {},
  rival?: Rival,
): Promise<FramesEvaluation> {
  const trivial = new TrivialPredictorBuilder(options);
  const { metric, kind } = model.manifest.depth;
  const givesDepth = kind !== 'none';
  if (source.depthTruth !== undefined && givesDepth)
    for await (const depth of source.depths()) trivial.add(depth);
  const tally = new DepthTally(trivial, options, metric);
  const phantoms = new PhantomTally();
  const trust = new ConfidenceTally(options);
  const confusion = new ConfusionMatrix();
  const [classes, rivalClasses] = [classesOf(model), rival && classesOf(rival.model)];
  const sets = setsOf(source, classes?.sets, rivalClasses?.sets);
  const transfer = rivalClasses && rival && new NegativeTransferTally(sets, rival.name);
  let [frames, labelled, unlabelled] = [0, 0, 0];
  for await (const frame of readAhead(source.frames())) {
    const { name, picture } = frame;
    const perceived = await model.run(picture, frame.intrinsics ?? squarePixels(picture));
    const image = givesDepth ? addDepth(tally, frame, perceived.depth) : undefined;
    if (image !== undefined && perceived.confidence !== undefined)
      trust.add(image.truth, perceived.depth, perceived.confidence, image.metrics.ratio);
    if (image !== undefined) await observer.onDepth?.(image, picture);
    const predicted = asTrainIds(perceived, classes);
    if (metric && frame.depth !== undefined && frame.intrinsics !== undefined)
      phantoms.add(name, frame.depth, frame.intrinsics, perceived.depth, predicted);
    if (frame.labels === undefined) unlabelled++;
    else if (predicted !== undefined) {
      labelled++;
      confusion.add(frame.labels, predicted);
      const other = await rival?.model.run(picture, frame.intrinsics ?? squarePixels(picture));
      const otherLabels = other && asTrainIds(other, rivalClasses);
      if (otherLabels !== undefined) transfer?.add(frame.labels, predicted, otherLabels);
      await observer.onLabels?.({ name, picture, truth: frame.labels, predicted });
    }
    observer.onFrame?.(++frames);
  }
  const depth = tally.result();
  const segmentation: SegmentationEvaluation | undefined =
    labelled === 0
      ? undefined
      : {
          ...{ images: labelled, unmatched: unlabelled },
          classSets: sets.map((set) => confusion.metrics(set)),
          ...(transfer && { negativeTransfer: transfer.result() }),
        };
  if (depth === undefined && segmentation === undefined) {
    throw new TrainingError(
      nothingToCompare(source, tally, { frames, hasLabels: unlabelled < frames, givesDepth }),
    );
  }
  return { depth, segmentation, phantoms: phantoms.result(), confidence: trust.result() };
}

/** A camera for pictures whose own is unknown: their labels count, and the depth means nothing. */
function squarePixels({ width, height }: RgbPicture): Intrinsics {
  return { fx: width, fy: width, cx: width / 2, cy: height / 2 };
}

function addDepth(
  tally: DepthTally,
  { name, depth, intrinsics }: EvaluationFrame,
  predictedMeters: Float32Array,
): EvaluatedImage | undefined {
  // Without intrinsics the depth of a model that depends on the focal length means nothing.
  if (depth === undefined || intrinsics === undefined) {
    tally.addUnmatched();
    return undefined;
  }
  return tally.add(name, depth, predictedMeters);
}

function classesOf({ manifest }: PictureModel): ComparableClasses | undefined {
  return comparableClasses(manifest.classes.map(({ name }) => name));
}

function asTrainIds({ labels }: Perceived, classes: ComparableClasses | undefined): Uint8Array | undefined {
  return classes && labels?.map((label) => classes.trainIds[label] ?? UNLABELLED);
}

/** The class sets that truth and models all have. @throws TrainingError when there is none. */
function setsOf(
  { classSets: known, title }: EvaluationSource,
  ...models: readonly (readonly ClassSet[] | undefined)[]
): ClassSet[] {
  const given = models.filter((sets) => sets !== undefined);
  const truth = CLASS_SETS.filter(({ name }) => known?.includes(name) ?? true);
  const sets = truth.filter((set) => given.every((own) => own.includes(set)));
  if (sets.length > 0) return sets;
  const names = (of: readonly ClassSet[]) => of.map(({ name }) => `\`${name}\``).join(', ');
  throw new TrainingError(
    `${title} has labels for ${names(truth)} classes, expected a class set that the models have too: ${given.map(names).join('; ')}.`,
  );
}

function nothingToCompare(
  source: EvaluationSource,
  { empty }: DepthTally,
  {
    frames,
    hasLabels,
    givesDepth,
  }: { readonly frames: number; readonly hasLabels: boolean; readonly givesDepth: boolean },
): string {
  if (frames === 0) return `${source.title} has \`no pictures\`.`;
  if (empty > 0)
    return `${source.title}: no pixel of the truth counts in any of ${empty} images: everything lies outside the crop or the cap.`;
  const why = [
    ...(givesDepth ? [] : ['the model gives no depth']),
    ...(hasLabels ? ['the model has none of the classes of its labels'] : []),
    ...source.missing,
  ].join('; ');
  return `${source.title} has no truth that this model can be compared with${why === '' ? '' : `: ${why}`}.`;
}
