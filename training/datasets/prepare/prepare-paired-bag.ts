import path from 'node:path';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { firstImageSize } from '../../../msgs/bag/first-image-size.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import { TrainingError } from '../../errors.js';
import { cameraImages } from '../bag/bag-pictures.js';
import { topicList } from '../bag/bag-topics.js';
import { type CameraTopics, cameraTopics, SPEC_OPTIONS } from '../bag/camera-topics.js';
import { matchStamps, type Stamped } from '../bag/match-stamps.js';
import {
  CAMERA_OPTIONS,
  cameraOptions,
  checkOptions,
  countOption,
  type DataSpec,
  saidOfCamera,
} from '../data-spec.js';
import type { StoreDescription } from '../stores/sample-store.js';
import { findTruth, TRUTH_SPEC_OPTIONS } from '../truth/find-truth.js';
import { fillInWorker } from './fill-in-worker.js';
import { holdOutSamples } from './hold-out-samples.js';
import { PAIRED_CROP, pairedSize } from './paired-size.js';
import type { Preparation, PreparedSource, SizedPreparation } from './prepared-data.js';

/** What the worker is told; it answers with the number of pictures that are done, now and then. */
export interface PairedBagData extends CameraTopics {
  /** What was said of the camera. */
  readonly names: CameraSettings;
  readonly folder: string;
  readonly description: StoreDescription;
  readonly bag: string;
  readonly truth: PairedTruth;
}

/** Where the true depths are. */
export interface PairedTruth {
  readonly lidar?: string | undefined;
  readonly truthDepth?: string | undefined;
}

/** Pictures between those to train on and those held out, which look like their neighbours. */
const BETWEEN = 5;

/**
 * `bag:PATH?lidar=TOPIC&depth=TOPIC&validation=N` and CAMERA_OPTIONS. It gives the pictures of one camera that a LiDAR's
 * sweep or a depth image belongs to, undistorted, resized, with the points projected into them. Topics are found as `rxdepth
 * evaluate` finds them. The last `validation` (20) pictures are held out.
 * @throws TrainingError when pictures, calibration or truth are missing.
 */
export async function preparePairedBag(
  spec: DataSpec,
  preparation: SizedPreparation,
): Promise<PreparedSource> {
  checkOptions(spec, [...CAMERA_OPTIONS, 'lidar', 'depth', 'validation']);
  const bag = await openBag(spec.place);
  try {
    const names = cameraOptions(spec);
    const camera = await cameraTopics(bag, names, SPEC_OPTIONS);
    const { image } = camera;
    const truth: PairedTruth = { lidar: spec.options.lidar, truthDepth: spec.options.depth };
    const found = await findTruth(bag, { ...names, ...truth }, TRUTH_SPEC_OPTIONS);
    const { count, first } = await countMatches(bag, image, found);
    if (count === 0) {
      throw new TrainingError(
        `${spec.place}: expected pictures of ${image.topic} with true depth of \`${found.topic}\` within ${Number(found.toleranceNs) / 1e6} ms, none has any; the bag has:\n${topicList(bag)}`,
        { topic: image.topic, file: spec.place },
      );
    }
    const shape = pairedSize(await firstImageSize(bag, image), preparation);
    const name = path.basename(path.resolve(spec.place));
    const description: StoreDescription = {
      source: `${name} ${image.topic} ${found.topic} ${first}${saidOfCamera(spec)}`,
      ...{ seed: 0, ...shape, count },
    };
    const folder = path.join(
      preparation.folder,
      `${`${name}${found.topic}`.replaceAll(/[^\w.-]/g, '_')}-depth-${shape.width}x${shape.height}`,
    );
    preparation.report(
      `${spec.place}: ${count} pictures of ${image.topic} with true depth from ${found.topic}`,
    );
    await fill({ folder, description, bag: spec.place, ...camera, names, truth }, preparation);
    return holdOutSamples(
      { folder, description },
      { count: countOption(spec, 'validation', 20), between: BETWEEN, crop: PAIRED_CROP },
    );
  } finally {
    await bag.close();
  }
}

/** How many pictures have truth, and the stamp of the first. */
async function countMatches(
  bag: BagReader,
  image: CameraTopics['image'],
  { read, toleranceNs }: Awaited<ReturnType<typeof findTruth>>,
): Promise<{ count: number; first: bigint }> {
  let [count, first] = [0, 0n];
  for await (const { stampNs, match } of matchStamps(
    stampsOf(cameraImages(bag, image)),
    stampsOf(read()),
    toleranceNs,
  )) {
    if (match === undefined) continue;
    if (count === 0) first = stampNs;
    count += 1;
  }
  return { count, first };
}

async function* stampsOf(messages: AsyncIterable<Stamped<unknown>>): AsyncGenerator<Stamped<true>> {
  for await (const { stampNs } of messages) yield { stampNs, value: true };
}

/** Decodes the pictures and depths that the store lacks, in a worker thread. */
async function fill(workerData: PairedBagData, preparation: Preparation): Promise<void> {
  const worker = new URL('./paired-bag-worker.js', import.meta.url);
  await fillInWorker(
    { worker, workerData, samples: 'pictures', reading: 'pictures and depths' },
    preparation,
  );
}
