import path from 'node:path';
import type { Manifest } from '../../../models/manifest.js';
import type { ModelRunner } from '../../../models/model-runner.js';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import type { StoreDescription } from '../../datasets/stores/sample-store.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import { TrainingError } from '../../errors.js';
import { judgedTruth, lidarTopic } from '../judge/judged-truth.js';
import type { LearningOptions } from '../learning-options.js';
import { type DrivePicture, type DrivePictures, drivePictures } from './drive-pictures.js';
import { aspectOf, type PinholeView, pinholeView, viewSize } from './pinhole-view.js';
import { type DriveCamera, driveCamera, driveImages, evenWindows, type SkippedImages } from './read-drive.js';
import { readWay, wayTopic } from './read-way.js';
import {
  type DriveTriplet,
  type SelectedTriplet,
  type Selection,
  selectTriplets,
} from './select-triplets.js';
import { splitDrive } from './split-drive.js';
import { type SurveyedFrame, surveyDrive } from './survey.js';

/** Drives that were looked through: which pictures are learned from, and which are judged by. */
export interface Drives {
  readonly view: PinholeView;
  readonly views: readonly PinholeView[];
  readonly frames: { readonly folder: string; readonly description: StoreDescription };
  /** Pictures that were looked at, and those that could not be. */
  readonly looked: number;
  readonly skipped: number;
  readonly selections: readonly Selection[];
  readonly adapt: readonly DriveTriplet[];
  readonly judge: readonly DriveTriplet[];
  /** Where each frame of the store is recorded: index of the drive, and of the image among those of its topic. */
  readonly places: ReadonlyMap<number, { readonly drive: number; readonly image: number }>;
  /** Single pictures, whether the camera moves or not. */
  readonly pictures: DrivePictures;
  readonly truth: ReadonlyMap<number, SparseDepth>;
}

/**
 * Looks through every drive with the parent's eyes and keeps its pictures at the network's resolution.
 * @param preparing is told how many pictures there are, and what the view is; it returns who is told of every picture.
 */
export async function surveyDrives(
  options: LearningOptions & { readonly method: { readonly needsMotion: boolean } },
  parent: ModelRunner,
  readers: readonly BagReader[],
  preparing: (pictures: number, view: ReturnType<typeof viewSize>) => () => void = () => () => {},
): Promise<Drives> {
  const left: SkippedImages = { undecodable: 0, outOfOrder: 0 };
  let looked = 0;
  const selections: Selection[] = [];
  const adapt: DriveTriplet[] = [];
  const judged: DriveTriplet[] = [];
  const pictures: { adapt: DrivePicture[]; judge: DrivePicture[]; unusable: number } = {
    adapt: [],
    judge: [],
    unusable: 0,
  };
  const views: PinholeView[] = [];
  const truth = new Map<number, SparseDepth>();
  const places = new Map<number, { readonly drive: number; readonly image: number }>();
  const most = Math.floor(options.mostFrames / readers.length);
  const cameras = await camerasOf(readers, options.names);
  if (cameras.length === 0) throw new TrainingError('expected `at least one` bag, got none');
  const size = commonSize(parent.manifest.input, cameras);
  const counts = cameras.map(({ imageCount }) => Math.min(most, imageCount ?? 0));
  const all = counts.reduce((sum, count) => sum + count, 0);
  options.report(
    `looking at ${all} pictures of ${readers.length === 1 ? 'the drive' : `${readers.length} drives`}`,
  );
  const looksAt = preparing(all, size);
  const frames = {
    folder: options.work.frames,
    description: { source: options.bags.join(), seed: 0, ...size, count: most * readers.length },
  };
  for (const [drive, bag] of readers.entries()) {
    const camera = cameras[drive];
    const seen = pinholeView(parent.manifest.input, camera.model, camera, size);
    const wanted = evenWindows(camera.imageCount ?? 0, most);
    const surveyed = await surveyDrive({
      ...{
        images: driveImages(bag, camera, wanted, left),
        view: seen,
        parent,
        store: frames,
        first: drive * most,
        most,
      },
      signal: options.signal,
      onProgress: (count) => {
        looksAt();
        if (count % 50 === 0)
          options.report(`${path.basename(bag.path)}: ${count} of ${counts[drive]} pictures looked at`);
      },
    });
    for (const { index, image } of surveyed) places.set(index, { drive, image });
    const selection = selectTriplets(surveyed);
    const split = splitDrive(surveyed, selection.triplets);
    looked += surveyed.length;
    selections.push(selection);
    views.push(seen);
    const ofDrive = await travelled(options, bag, surveyed, drive);
    adapt.push(...split.adapt.map(ofDrive));
    judged.push(...split.judge.map(ofDrive));
    const seenAlone = drivePictures(surveyed, drive);
    pictures.adapt.push(...seenAlone.adapt);
    pictures.judge.push(...seenAlone.judge);
    pictures.unusable += seenAlone.unusable;
    const part = options.method.needsMotion
      ? partOf(surveyed, split.judge)
      : pictured(surveyed, seenAlone.judge);
    for (const [index, sparse] of await measured(options, bag, seen, part)) truth.set(index, sparse);
  }
  const skipped = left.undecodable + left.outOfOrder;
  return {
    view: views[0],
    views,
    frames,
    looked,
    skipped,
    selections,
    adapt,
    judge: judged,
    places,
    pictures,
    truth,
  };
}

/** Says of triplets which drive they are of, and how far the vehicle came between their pictures, where it measured that. */
async function travelled(
  { odometry, report }: LearningOptions,
  bag: BagReader,
  frames: readonly SurveyedFrame[],
  drive: number,
): Promise<(triplet: SelectedTriplet) => DriveTriplet> {
  const topic = odometry === false ? undefined : wayTopic(bag, odometry);
  if (topic === undefined) return (triplet) => ({ ...triplet, drive });
  report(`${topic.topic} says how far the vehicle of ${path.basename(bag.path)} came`);
  const way = await readWay(bag, topic);
  const stamps = new Map(frames.map(({ index, stampNs }) => [index, stampNs]));
  return (triplet) => {
    const metersTo = (index: number) => {
      const stampNs = stamps.get(index);
      return stampNs === undefined ? undefined : way.between(triplet.stampNs, stampNs);
    };
    return {
      ...triplet,
      drive,
      meters: { previous: metersTo(triplet.previous), next: metersTo(triplet.next) },
    };
  };
}

async function camerasOf(
  readers: readonly BagReader[],
  names: LearningOptions['names'],
): Promise<DriveCamera[]> {
  const cameras: DriveCamera[] = [];
  for (const bag of readers) cameras.push(await driveCamera(bag, names));
  return cameras;
}

/** Cameras of other shapes learn together: what is too wide or too high for the shape in their middle is cut off. */
function commonSize(input: Manifest['input'], cameras: readonly DriveCamera[]): ReturnType<typeof viewSize> {
  const logs = cameras.map((camera) => Math.log(aspectOf(camera.model, camera)));
  return viewSize(input, Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length));
}

/** Depths of the LiDAR on the judged part; without one, or where it cannot be used, none. */
async function measured(
  { lidar, names, report }: LearningOptions,
  bag: BagReader,
  view: PinholeView,
  part: readonly SurveyedFrame[],
): Promise<ReadonlyMap<number, SparseDepth>> {
  if (lidar === false) return new Map();
  const topic = lidarTopic(bag, lidar);
  if (topic === undefined || part.length === 0) return new Map();
  try {
    const found = await judgedTruth(bag, topic, names, view, part);
    report(`${topic}: depths for ${found.size} of ${part.length} pictures of the judged part`);
    return found;
  } catch (error) {
    // Asked for by name it has to work.
    if (lidar !== undefined || !(error instanceof Error)) throw error;
    report(`${topic} is not used: ${error.message}`);
    return new Map();
  }
}

/** The frames that judged triplets reach over. */
function partOf(
  frames: readonly SurveyedFrame[],
  judged: readonly SelectedTriplet[],
): readonly SurveyedFrame[] {
  const [first, last] = [judged[0], judged[judged.length - 1]];
  if (first === undefined || last === undefined) return [];
  return frames.filter(({ index }) => index >= first.previous && index <= last.next);
}

function pictured(
  frames: readonly SurveyedFrame[],
  pictures: readonly DrivePicture[],
): readonly SurveyedFrame[] {
  const known = new Set(pictures.map(({ index }) => index));
  return frames.filter(({ index }) => known.has(index));
}
