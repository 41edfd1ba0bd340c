import { UNLABELLED } from '../../models/class-table.js';
import type { PictureModel } from '../../models/model-runner.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { TrainingError } from '../errors.js';
import type { SegmentationEvaluation } from './evaluate-segmentation.js';
import { CLASS_SETS } from './metrics/class-sets.js';
import type { DepthMetricOptions } from './metrics/depth-metrics.js';
import { type DepthEvaluation, DepthTally, type EvaluatedImage } from './metrics/depth-tally.js';
import { ConfusionMatrix } from './metrics/segmentation-metrics.js';
import { TrivialPredictorBuilder } from './metrics/trivial-predictors.js';
import { type PhantomEvaluation, PhantomTally } from './phantoms/phantom-tally.js';
import type { EvaluationFrame, EvaluationSource } from './sources/evaluation-source.js';
import { readAhead } from './sources/read-ahead.js';
import { trainIdsOf } from './train-ids.js';

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
}

/**
 * Runs a model over pictures and compares what it says with the truth: depth where it is known, labels where they are
 * known and the model has classes. The truth is read twice (the trivial predictors come first).
 * What a model of metric depth sees on bare road is looked at too.
 * @throws TrainingError when there is nothing to compare with.
 */
export async function evaluateFrames(
  model: PictureModel,
  source: EvaluationSource,
  options: DepthMetricOptions,
  observer: FrameObserver = {},
): Promise<FramesEvaluation> {
  const trivial = new TrivialPredictorBuilder(options);
  if (source.depthTruth !== undefined) for await (const depth of source.depths()) trivial.add(depth);
  const tally = new DepthTally(trivial, options);
  const phantoms = new PhantomTally();
  const confusion = new ConfusionMatrix();
  const trainIds = trainIdsOf(model.manifest);
  const { metric } = model.manifest.depth;
  let [frames, labelled, unlabelled] = [0, 0, 0];
  for await (const frame of readAhead(source.frames())) {
    const { name, picture } = frame;
    const perceived = await model.run(picture, frame.intrinsics ?? squarePixels(picture));
    const image = addDepth(tally, frame, perceived.depth);
    if (image !== undefined) await observer.onDepth?.(image, picture);
    const predicted = trainIds && perceived.labels?.map((label) => trainIds[label] ?? UNLABELLED);
    if (metric && frame.depth !== undefined && frame.intrinsics !== undefined)
      phantoms.add(name, frame.depth, frame.intrinsics, perceived.depth, predicted);
    if (frame.labels === undefined) unlabelled++;
    else if (predicted !== undefined) {
      labelled++;
      confusion.add(frame.labels, predicted);
      await observer.onLabels?.({ name, picture, truth: frame.labels, predicted });
    }
    observer.onFrame?.(++frames);
  }
  const depth = tally.result();
  const segmentation = labelled === 0 ? undefined : segmentationOf(confusion, labelled, unlabelled);
  if (depth === undefined && segmentation === undefined) {
    throw new TrainingError(nothingToCompare(source, tally, frames, unlabelled < frames));
  }
  return { depth, segmentation, phantoms: phantoms.result() };
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

function segmentationOf(
  confusion: ConfusionMatrix,
  images: number,
  unmatched: number,
): SegmentationEvaluation {
  return { images, unmatched, classSets: CLASS_SETS.map((set) => confusion.metrics(set)) };
}

function nothingToCompare(
  source: EvaluationSource,
  { empty }: DepthTally,
  frames: number,
  hasLabels: boolean,
): string {
  if (frames === 0) return `${source.title} has \`no pictures\`.`;
  if (empty > 0)
    return `${source.title}: no pixel of the truth counts in any of ${empty} images: everything lies outside the crop or the cap.`;
  const why = [
    ...(hasLabels ? ['the model has none of the classes of its labels'] : []),
    ...source.missing,
  ].join('; ');
  return `${source.title} has no truth that this model can be compared with${why === '' ? '' : `: ${why}`}.`;
}
