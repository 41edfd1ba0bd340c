import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { type Image, imageCodec } from '../../msgs/image.js';
import { stampToNs } from '../../msgs/stamp.js';
import { stampedMessages } from '../datasets/bag/bag-topics.js';
import { matchStamps } from '../datasets/bag/match-stamps.js';
import type { SparseDepth } from '../datasets/stores/sparse-depth.js';
import { depthOfImage } from '../datasets/truth/depth-image.js';
import type { DepthTruth } from '../datasets/truth/depth-truth.js';
import { TrainingError } from '../errors.js';
import type { DepthMetricOptions } from './metrics/depth-metrics.js';
import { type DepthEvaluation, DepthTally, type EvaluatedImage } from './metrics/depth-tally.js';
import { TrivialPredictorBuilder } from './metrics/trivial-predictors.js';

/** Where replay and node publish depth without metres. */
const RELATIVE_TOPIC = /\bdepth\/relative$/;

/**
 * Compares a depth topic with truth, image by image, in two passes over the truth. The first one is for the trivial
 * predictors. So drives of any length fit in memory.
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
  const trivial = new TrivialPredictorBuilder(options);
  for await (const { value } of truth.read()) trivial.add(value);
  const tally = new DepthTally(trivial, options, !RELATIVE_TOPIC.test(topic));
  const predicted = stampedMessages(predictions, topic, imageCodec);
  for await (const { stampNs, value, match } of matchStamps(predicted, truth.read(), truth.toleranceNs)) {
    if (match === undefined) {
      tally.addUnmatched();
      continue;
    }
    checkSize(value, match, topic, truth.topic);
    const image = tally.add(String(stampNs), match, depthOfImage(value, topic));
    if (image !== undefined) await onImage(image);
  }
  const result = tally.result();
  if (result === undefined) throw new TrainingError(await nothingMatched(predictions, topic, truth, tally));
  return result;
}

function checkSize(image: Image, truth: SparseDepth, topic: string, truthTopic: string): void {
  if (image.width === truth.width && image.height === truth.height) return;
  throw new TrainingError(
    `${topic} has images of ${image.width} x ${image.height} at stamp ${stampToNs(image.header.stamp)}, but the truth (${truthTopic}) is for \`${truth.width} x ${truth.height}\`; is it the same camera?`,
    { topic },
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
