import { rename, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { TrainingError } from '../errors.js';
import { chooseTopic } from '../evaluation/bag-topics.js';
import { cameraTopics, IMAGE_TYPE } from '../evaluation/camera-topics.js';
import { CROP_NAMES, type CropName } from '../evaluation/crop.js';
import { ErrorPanels } from '../evaluation/error-panels.js';
import { type DepthEvaluation, evaluateDepth } from '../evaluation/evaluate-depth.js';
import { evaluateSegmentation, type SegmentationEvaluation } from '../evaluation/evaluate-segmentation.js';
import { findTruth } from '../evaluation/find-truth.js';
import { depthText, segmentationText } from '../evaluation/report-text.js';

interface EvaluateOptions {
  readonly truth: string;
  readonly lidar?: string;
  readonly truthDepth?: string;
  readonly truthLabels: string;
  readonly depth: string;
  readonly labels: string;
  readonly image?: string;
  readonly cameraInfo?: string;
  readonly cap: string;
  readonly crop: CropName;
  readonly medianScaling: 'on' | 'off';
  readonly json?: string;
  readonly pictures?: string;
  readonly every: string;
}

export function register(program: Command): void {
  program
    .command('evaluate')
    .description(
      'Compares the depth (and labels) that a replay wrote with the truth of the recorded drive: a LiDAR or the simulator.',
    )
    .argument('<output>', 'the bag that `rxdepth replay` wrote: a folder, .mcap or .db3 file')
    .requiredOption('--truth <bag>', 'the bag with the truth, as a rule the one that was replayed')
    .option('--lidar <topic>', 'PointCloud2 topic with the truth (default: the only one)')
    .option(
      '--truth-depth <topic>',
      'image topic with the true depth (default: /camera/depth if there is one)',
    )
    .option('--truth-labels <topic>', 'image topic with the true labels, mono8 trainIds', '/camera/labels')
    .option(
      '--depth <topic>',
      'depth topic to evaluate, 32FC1 metres or 16UC1 millimetres',
      '/rxdepth/depth/image',
    )
    .option('--labels <topic>', 'label topic to evaluate, mono8 trainIds', '/rxdepth/segmentation/labels')
    .option('--image <topic>', 'camera image in the truth bag (default: the only one)')
    .option('--camera-info <topic>', 'camera_info in the truth bag (default: the one beside the image)')
    .option('--cap <metres>', 'truth beyond this does not count, predictions are cut to it', '80')
    .addOption(
      new Option('--crop <name>', 'part of the image that counts').choices([...CROP_NAMES]).default('garg'),
    )
    .addOption(
      new Option('--median-scaling <switch>', 'scale each prediction by median(truth) / median(prediction)')
        .choices(['on', 'off'])
        .default('on'),
    )
    .option('--json <file>', 'write all figures, of every image too, to this file')
    .option('--pictures <folder>', 'write panels (camera, prediction, truth, relative error) to this folder')
    .option('--every <n>', 'a panel for every n-th image', '10')
    .action(async (output: string, options: EvaluateOptions) => {
      process.stdout.write(`${await evaluate(output, options)}\n`);
    });
}

async function evaluate(output: string, options: EvaluateOptions): Promise<string> {
  const capMeters = positive('--cap', options.cap);
  const every = Math.round(positive('--every', options.every));
  const metricOptions = { capMeters, crop: options.crop, medianScaling: options.medianScaling === 'on' };
  const bags: BagReader[] = [];
  try {
    const predictions = await openBag(output);
    bags.push(predictions);
    const truthBag = await openBag(options.truth);
    bags.push(truthBag);
    chooseTopic(predictions, [IMAGE_TYPE], '--depth', options.depth);
    const truth = await findTruth(truthBag, options);
    const panels =
      options.pictures === undefined
        ? undefined
        : new ErrorPanels(truthBag, cameraTopics(truthBag, options).image, {
            folder: options.pictures,
            every,
            ...metricOptions,
          });
    const depth = await evaluateDepth(predictions, options.depth, truth, metricOptions, async (image) =>
      panels?.add(image),
    );
    await panels?.close();
    const segmentation = await labels(predictions, truthBag, options);
    if (options.json !== undefined) {
      await writeReport(options.json, {
        output,
        truth: options.truth,
        options: metricOptions,
        depth,
        segmentation,
      });
    }
    return [
      depthText(depth, truth, metricOptions),
      ...(segmentation === undefined ? [] : ['', segmentationText(segmentation)]),
      ...bags.flatMap(({ problems }) =>
        problems.map(({ file, what, lost }) => `damaged: ${file}: ${what}; lost: ${lost}`),
      ),
    ].join('\n');
  } finally {
    for (const bag of bags) await bag.close();
  }
}

/** Undefined unless both bags have labels. */
async function labels(
  predictions: BagReader,
  truth: BagReader,
  options: EvaluateOptions,
): Promise<SegmentationEvaluation | undefined> {
  const has = (bag: BagReader, name: string): boolean => bag.topics.some(({ topic }) => topic === name);
  if (!has(truth, options.truthLabels) || !has(predictions, options.labels)) return undefined;
  return await evaluateSegmentation(predictions, options.labels, truth, options.truthLabels);
}

async function writeReport(
  file: string,
  report: {
    readonly output: string;
    readonly truth: string;
    readonly options: object;
    readonly depth: DepthEvaluation;
    readonly segmentation: SegmentationEvaluation | undefined;
  },
): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  try {
    await writeFile(temporary, `${JSON.stringify(report, undefined, 2)}\n`);
    await rename(temporary, file);
  } catch (cause) {
    throw new TrainingError(`The report ${file} cannot be written: ${(cause as Error).message}`, { cause });
  }
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new TrainingError(`${option}: expected \`a positive number\`, got ${text}.`);
}
