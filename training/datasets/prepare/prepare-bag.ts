import path from 'node:path';
import type { DecodeOptions } from '../../../models/decode-image.js';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { type CameraModel, cameraModel } from '../../../msgs/camera/camera-model.js';
import { MessageError } from '../../../msgs/errors.js';
import { TrainingError } from '../../errors.js';
import { cameraImages } from '../bag/bag-pictures.js';
import { cameraDecoding } from '../bag/camera-decoding.js';
import { firstCameraInfo } from '../bag/camera-info.js';
import { type CameraTopics, cameraImage, cameraTopics, SPEC_OPTIONS } from '../bag/camera-topics.js';
import {
  CAMERA_OPTIONS,
  cameraOptions,
  checkOptions,
  countOption,
  type DataSpec,
  saidOfCamera,
} from '../data-spec.js';
import type { StoreDescription } from '../stores/sample-store.js';
import { tripletsOfRuns } from '../stores/stored-triplets.js';
import { fillInWorker } from './fill-in-worker.js';
import { frameRuns, usualDistanceNs } from './frame-runs.js';
import { holdOut } from './hold-out.js';
import type { Preparation, PreparedTarget, SizedPreparation } from './prepared-data.js';

/** What the worker is told; it answers with the number of frames that are done, now and then. */
export interface BagFramesData {
  readonly folder: string;
  readonly description: StoreDescription;
  readonly bag: string;
  readonly image: CameraTopics['image'];
  /** Left out: nobody knows; pictures are taken as they are. */
  readonly camera?: CameraModel | undefined;
  readonly decoding: DecodeOptions;
  /** Every so many frames one is kept; all where left out. */
  readonly every?: number;
}

/** Time from a target to its neighbours that gives parallax at a car's speed, nanoseconds. */
const NEIGHBOUR_NS = 100e6;

/**
 * `bag:PATH?spacing=N&validation=N` and CAMERA_OPTIONS: the frames of one camera of a recording, undistorted,
 * resized and cropped. The last `validation` triplets are held out; they have no truth.
 * @throws TrainingError when there is no camera with a calibration, or there are too few frames without a gap.
 */
export async function prepareBag(spec: DataSpec, preparation: SizedPreparation): Promise<PreparedTarget> {
  checkOptions(spec, [...CAMERA_OPTIONS, 'spacing', 'validation']);
  const bag = await openBag(spec.place);
  try {
    const topics = await camerasOf(bag, spec);
    const { image } = topics;
    const info = await firstCameraInfo(bag, topics);
    const camera = cameraModel(info, topics.kind);
    const stamps = await stampsOf(bag, image);
    const usual = usualDistanceNs(stamps);
    const spacing = countOption(spec, 'spacing', Math.max(1, Math.round(NEIGHBOUR_NS / usual)));
    const triplets = tripletsOfRuns(frameRuns(stamps), spacing);
    const { width, height } = preparation;
    const description: StoreDescription = {
      source: `${path.basename(path.resolve(spec.place))} ${image.topic} ${stamps[0]}${saidOfCamera(spec)}`,
      ...{ seed: 0, width, height, count: stamps.length, truth: false },
    };
    const name = path.basename(path.resolve(spec.place)).replaceAll(/[^\w.-]/g, '_');
    const folder = path.join(preparation.folder, `${name}-${width}x${height}`);
    preparation.report(
      `${spec.place}: ${stamps.length} frames of ${image.topic}, ${triplets.length / 3} triplets with neighbours ${spacing} frames away`,
    );
    const decoding = cameraDecoding(topics, info);
    await fill({ folder, description, bag: spec.place, image, camera, decoding }, preparation);
    return holdOut({ folder, description, triplets }, countOption(spec, 'validation', 20), 2 * spacing);
  } finally {
    await bag.close();
  }
}

/**
 * Pictures of one camera of a recording, every so many, cropped to the shape asked for and undistorted where there is a
 * calibration. Where there is none they are taken as they are.
 * @param preparation its size is that of the stored pictures.
 * @throws TrainingError when no camera is found, or a camera_info that is asked for cannot be used.
 */
export async function bagPictures(
  spec: DataSpec,
  preparation: SizedPreparation,
): Promise<{ readonly folder: string; readonly description: StoreDescription }> {
  const { width, height, report } = preparation;
  const bag = await openBag(spec.place);
  try {
    const { image, camera, decoding, without } = await calibrated(bag, spec);
    if (without !== undefined) report(`${spec.place}: pictures are taken as they are, ${without}`);
    const stamps = await stampsOf(bag, image);
    if (stamps.length === 0) {
      throw new TrainingError(`${spec.place}: expected pictures on ${image.topic}, it has no messages`, {
        topic: image.topic,
        file: spec.place,
      });
    }
    const every = countOption(spec, 'every', 1);
    const name = path.basename(path.resolve(spec.place));
    const kind = `${camera === undefined ? 'raw' : 'undistorted'} every ${every}`;
    const description: StoreDescription = {
      source: `${name} ${image.topic} ${stamps[0]} ${kind}${saidOfCamera(spec)}`,
      ...{ seed: 0, width, height, count: Math.ceil(stamps.length / every), truth: false },
    };
    const folder = path.join(
      preparation.folder,
      `${name.replaceAll(/[^\w.-]/g, '_')}-pictures-${kind.replaceAll(' ', '-')}-${width}x${height}`,
    );
    report(`${spec.place}: ${description.count} pictures of ${image.topic}`);
    await fill({ folder, description, bag: spec.place, image, camera, decoding, every }, preparation);
    return { folder, description };
  } finally {
    await bag.close();
  }
}

/** The camera image, and the calibration where there is one that can be used. */
async function calibrated(
  bag: BagReader,
  spec: DataSpec,
): Promise<Pick<BagFramesData, 'image' | 'camera' | 'decoding'> & { without?: string }> {
  const { image, camera_info, intrinsics } = spec.options;
  const said = cameraOptions(spec);
  try {
    const topics = await camerasOf(bag, spec);
    const info = await firstCameraInfo(bag, topics);
    const camera = cameraModel(info, topics.kind);
    return { image: topics.image, camera, decoding: cameraDecoding(topics, info) };
  } catch (error) {
    const isAbsent = error instanceof TrainingError || error instanceof MessageError;
    if (camera_info !== undefined || intrinsics !== undefined || !isAbsent) throw error;
    return {
      image: await cameraImage(bag, { image }),
      decoding: { bitDepth: said.bitDepth, mostPixels: said.maxPixels },
      without: `without calibration: ${error.message}`,
    };
  }
}

async function camerasOf(bag: BagReader, spec: DataSpec): Promise<CameraTopics> {
  return await cameraTopics(bag, cameraOptions(spec), SPEC_OPTIONS);
}

async function stampsOf(bag: BagReader, image: CameraTopics['image']): Promise<bigint[]> {
  const stamps: bigint[] = [];
  for await (const { stampNs } of cameraImages(bag, image)) stamps.push(stampNs);
  return stamps;
}

/** Decodes the frames that the store lacks, in a worker thread. */
async function fill(workerData: BagFramesData, preparation: Preparation): Promise<void> {
  const worker = new URL('./bag-frames-worker.js', import.meta.url);
  await fillInWorker({ worker, workerData, samples: 'frames', reading: 'frames' }, preparation);
}
