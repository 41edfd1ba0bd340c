import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { isOutputBag } from '../../msgs/bag/is-output-bag.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { type CameraKind, cameraKindOf } from '../../msgs/camera/camera-kind.js';
import { makePictureFolder } from '../../msgs/picture/make-picture-folder.js';
import { BagPictures } from '../datasets/bag/bag-pictures.js';
import { chooseTopic } from '../datasets/bag/bag-topics.js';
import { cameraImage, IMAGE_TYPE } from '../datasets/bag/camera-topics.js';
import { findTruth } from '../datasets/truth/find-truth.js';
import { TrainingError } from '../errors.js';
import { confidenceText } from '../evaluation/confidence-text.js';
import { evaluateDepth } from '../evaluation/evaluate-depth.js';
import { evaluateSegmentation, type SegmentationEvaluation } from '../evaluation/evaluate-segmentation.js';
import { flickerText } from '../evaluation/flicker-text.js';
import type { DepthMetricOptions } from '../evaluation/metrics/depth-metrics.js';
import type { DepthEvaluation } from '../evaluation/metrics/depth-tally.js';
import { OutputConfidence } from '../evaluation/output-confidence.js';
import { evaluateFlicker } from '../evaluation/output-flicker.js';
import { ErrorPanels } from '../evaluation/panels/error-panels.js';
import { depthText, segmentationText } from '../evaluation/report-text.js';
import { checkReportPlace, writeReport } from '../evaluation/write-report.js';
import { type BagFlags, panelEvery } from './evaluate-flags.js';

/** Compares the depth (and labels) that a replay wrote with the truth of the recorded drive. */
export async function evaluateOutput(output: string, flags: BagFlags): Promise<string> {
  const { cap: capMeters = 80, crop = 'garg', pictures: folder } = flags;
  const options = { capMeters, crop, medianScaling: flags.medianScaling !== 'off' };
  const bags: BagReader[] = [];
  // Before an hour of evaluation.
  const overwrite = flags.overwrite ?? false;
  if (flags.json !== undefined) await checkReportPlace(flags.json, overwrite);
  if (folder !== undefined) await makePictureFolder(folder, overwrite);
  try {
    const predictions = await openBag(output);
    bags.push(predictions);
    const truthBag = await openBag(flags.truth);
    bags.push(truthBag);
    checkOrder(predictions, truthBag, flags);
    const segmentation = await labels(predictions, truthBag, flags);
    // A model of segmentation alone writes no depth.
    const isDepthless = segmentation !== undefined && !hasTopic(predictions, flags.depth);
    const depth = isDepthless ? undefined : await depthOf(predictions, truthBag, flags, options);
    const flicker = isDepthless
      ? undefined
      : await evaluateFlicker(predictions, flags.depth, () => kindOf(truthBag, flags));
    if (flags.json !== undefined) {
      const report = {
        ...{ output, truth: flags.truth, options, depth: depth?.evaluation, segmentation },
        ...{ confidence: depth?.confidence, flicker },
      };
      await writeReport(flags.json, report, overwrite);
    }
    const texts = [
      ...(depth === undefined ? [] : [depthText(depth.evaluation, depth.truth, options)]),
      ...(flicker === undefined ? [] : [flickerText(flicker)]),
      ...(depth?.confidence === undefined ? [] : [confidenceText(depth.confidence)]),
      ...(segmentation === undefined ? [] : [segmentationText(segmentation)]),
    ];
    return [
      texts.join('\n\n'),
      ...bags.flatMap(({ problems }) =>
        problems.map(({ file, what, lost }) => `damaged: ${file}: ${what}; lost: ${lost}`),
      ),
    ].join('\n');
  } finally {
    for (const bag of bags) await bag.close();
  }
}

/** The other way round they are taken for one another easily. */
function checkOrder(predictions: BagReader, truth: BagReader, { depth }: BagFlags): void {
  if (hasTopic(predictions, depth) || isOutputBag(predictions) || !isOutputBag(truth)) return;
  throw new TrainingError(
    `${predictions.path} holds no output of rxdepth, but ${truth.path} does: ` +
      `did you mean \`rxdepth evaluate ${truth.path} --truth ${predictions.path}\`?`,
    { field: '--truth' },
  );
}

async function depthOf(
  predictions: BagReader,
  truthBag: BagReader,
  flags: BagFlags,
  options: DepthMetricOptions & { readonly capMeters: number; readonly medianScaling: boolean },
): Promise<{
  readonly evaluation: DepthEvaluation;
  readonly truth: string;
  readonly confidence: ReturnType<OutputConfidence['result']>;
}> {
  const { pictures: folder } = flags;
  chooseTopic(predictions, [IMAGE_TYPE], '--depth', flags.depth);
  const truth = await findTruth(truthBag, flags);
  const panels =
    folder === undefined ? undefined : new ErrorPanels({ folder, every: panelEvery(flags), ...options });
  const camera = new BagPictures(
    truthBag,
    panels === undefined ? undefined : await cameraImage(truthBag, flags),
    { bitDepth: flags.bitDepth, mostPixels: flags.maxPixels },
  );
  const trust = new OutputConfidence(predictions, flags.confidence, options);
  const evaluation = await evaluateDepth(predictions, flags.depth, truth, options, async (image) => {
    await trust.add(image);
    await panels?.add(image, () => camera.at(BigInt(image.name)));
  });
  await camera.close();
  await trust.close();
  return {
    evaluation,
    truth: `${truth.topic} (${truth.kind}, camera z)`,
    confidence: trust.result(),
  };
}

/** Of the images that were replayed; a bag of truth alone says nothing, and raw is what nothing says. */
async function kindOf(truth: BagReader, flags: BagFlags): Promise<CameraKind> {
  if (flags.cameraKind === 'raw' || flags.cameraKind === 'rectified') return flags.cameraKind;
  try {
    return cameraKindOf((await cameraImage(truth, flags)).topic).kind;
  } catch (error) {
    if (error instanceof TrainingError) return 'raw';
    throw error;
  }
}

function hasTopic(bag: BagReader, name: string): boolean {
  return bag.topics.some(({ topic }) => topic === name);
}

/** Undefined unless both bags have labels. */
async function labels(
  predictions: BagReader,
  truth: BagReader,
  flags: BagFlags,
): Promise<SegmentationEvaluation | undefined> {
  if (!hasTopic(truth, flags.truthLabels) || !hasTopic(predictions, flags.labels)) return undefined;
  return await evaluateSegmentation(predictions, flags.labels, truth, flags.truthLabels);
}
