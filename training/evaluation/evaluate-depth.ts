import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { type Image, imageCodec } from '../../msgs/image.js';
import { stampToNs } from '../../msgs/stamp.js';
import { TrainingError } from '../errors.js';
import { stampedMessages } from './bag-topics.js';
import { depthOfImage } from './depth-image.js';
import { type DepthMetricOptions, depthMetrics, type ImageDepthMetrics } from './depth-metrics.js';
import { type DepthSummary, summarizeDepth } from './depth-summary.js';
import type { DepthTruth } from './depth-truth.js';
import { matchStamps } from './match-stamps.js';
import type { SparseDepth } from './sparse-depth.js';
import { TrivialPredictorBuilder } from './trivial-predictors.js';

/** A predicted depth image with its truth, for pictures. */
export interface EvaluatedImage {
  readonly stampNs: bigint;
  readonly truth: SparseDepth;
  /** [height, width] as predicted, not scaled. */
  readonly predictedMeters: Float32Array;
  readonly metrics: ImageDepthMetrics;
}

export interface DepthEvaluation {
  readonly prediction: DepthSummary;
  /** The median of all truth, and the median of the truth of each row, as predictions: what has to be beaten. */
  readonly constant: DepthSummary;
  readonly rowMedian: DepthSummary;
  readonly images: readonly (ImageDepthMetrics & { readonly stampNs: string })[];
  /** Predictions without truth near in time, and with truth of which no pixel counts (crop, cap). */
  readonly unmatched: number;
  readonly empty: number;
}

/**
 * Compares a depth topic with truth, image by image, in two passes over the truth (the first one for the trivial
 * predictors), so that drives of any length fit in memory.
 * @param onImage called for every image that counts; awaited.
 * @throws TrainingError when nothing matches or the sizes differ.
 */
export async function evaluateDepth(
  predictions: BagReader,
  topic: string,
  truth: DepthTruth,
  options: DepthMetricOptions,
  onImage: (image: EvaluatedImage) => Promise<void> = async () => {},
): Promise<DepthEvaluation> {
  const trivial = await trivialPredictors(truth, options);
  const images: (ImageDepthMetrics & { stampNs: string })[] = [];
  const constant: ImageDepthMetrics[] = [];
  const rowMedian: ImageDepthMetrics[] = [];
  let unmatched = 0;
  let empty = 0;
  const predicted = stampedMessages(predictions, topic, imageCodec);
  for await (const { stampNs, value, match } of matchStamps(predicted, truth.read(), truth.toleranceNs)) {
    if (match === undefined) {
      unmatched++;
      continue;
    }
    checkSize(value, match, topic, truth.topic);
    const predictedMeters = depthOfImage(value, topic);
    const metrics = depthMetrics(match, predictedMeters, options);
    const constantMetrics = depthMetrics(match, trivial.constant, options);
    const rowMetrics = depthMetrics(match, trivial.rowMedian, options);
    if (metrics === undefined || constantMetrics === undefined || rowMetrics === undefined) {
      empty++;
      continue;
    }
    images.push({ stampNs: String(stampNs), ...metrics });
    constant.push(constantMetrics);
    rowMedian.push(rowMetrics);
    await onImage({ stampNs, truth: match, predictedMeters, metrics });
  }
  if (images.length === 0) {
    throw new TrainingError(await nothingMatched(predictions, topic, truth, { unmatched, empty }));
  }
  return {
    prediction: summarizeDepth(images),
    constant: summarizeDepth(constant),
    rowMedian: summarizeDepth(rowMedian),
    images,
    unmatched,
    empty,
  };
}

async function trivialPredictors(truth: DepthTruth, options: DepthMetricOptions) {
  const builder = new TrivialPredictorBuilder(options);
  for await (const { value } of truth.read()) builder.add(value);
  return builder.build();
}

function checkSize(image: Image, truth: SparseDepth, topic: string, truthTopic: string): void {
  if (image.width === truth.width && image.height === truth.height) return;
  throw new TrainingError(
    `${topic} has images of ${image.width} x ${image.height} at stamp ${stampToNs(image.header.stamp)}, but the truth (${truthTopic}) is for \`${truth.width} x ${truth.height}\`; is it the same camera?`,
  );
}

async function nothingMatched(
  bag: BagReader,
  topic: string,
  truth: DepthTruth,
  { unmatched, empty }: { unmatched: number; empty: number },
): Promise<string> {
  if (unmatched + empty === 0) return `${bag.path}: topic \`${topic}\` has no messages to evaluate.`;
  if (empty > 0) {
    return `No pixel of the truth (${truth.topic}) counts in any of ${empty} images: everything lies outside the crop or the cap.`;
  }
  const first = async (stream: AsyncIterable<{ stampNs: bigint }>): Promise<string> => {
    for await (const { stampNs } of stream) return `${Number(stampNs / 1_000_000n) / 1000} s`;
    return 'none';
  };
  const predictedFirst = await first(stampedMessages(bag, topic, imageCodec));
  const truthFirst = await first(truth.read());
  return (
    `None of the ${unmatched} images of ${topic} has truth (${truth.topic}) within \`${Number(truth.toleranceNs) / 1e6} ms\`: ` +
    `its first stamp is ${predictedFirst}, the truth's first is ${truthFirst}. Are both bags of the same drive?`
  );
}
