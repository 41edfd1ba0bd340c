import { domainNamed } from '../../simulator/domains.js';
import type { DriveOptions } from '../../simulator/options.js';
import { SampleStore, type StoreDescription } from '../stores/sample-store.js';
import { type StoredTripletsOptions, tripletsOfRuns } from '../stores/stored-triplets.js';
import { fillWithWorkers } from './fill-with-workers.js';

/** Many short drives: each has its own road, light and camera. */
export interface DriveSet {
  /** Name of the simulator's domain, or several joined by `+`: drives take turns. */
  readonly domain: string;
  readonly drives: number;
  readonly framesPerDrive: number;
  /** Frames a second. Neighbouring frames are what depth is learned from: the slower, the more parallax. */
  readonly frameRate: number;
  /** Drive i has the seed `seed + i`. */
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  /** The same for all drives where given; else drawn from the domain. */
  readonly focalPixels?: number;
}

/** What the worker is told; it answers with the index of a drive. */
export interface DriveWorkerData {
  readonly folder: string;
  readonly set: DriveSet;
}

export interface FillDrivesOptions {
  readonly folder: string;
  readonly set: DriveSet;
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of complete drives. */
  readonly onProgress?: (complete: number) => void;
}

/** How the frames of a set of drives are stored: drive after drive. */
export function describeDrives(set: DriveSet): StoreDescription {
  const focal = set.focalPixels === undefined ? '' : `, focal length ${set.focalPixels} pixels`;
  return {
    source: `simulator ${set.domain}, drives of ${set.framesPerDrive} frames at ${set.frameRate} Hz${focal}`,
    seed: set.seed,
    width: set.width,
    height: set.height,
    count: set.drives * set.framesPerDrive,
  };
}

/** The triplets of a filled store of drives. */
export function driveTriplets(folder: string, set: DriveSet, spacing = 1): StoredTripletsOptions {
  const frames = set.framesPerDrive;
  return {
    folder,
    description: describeDrives(set),
    triplets: tripletsOfRuns(
      Array.from({ length: set.drives }, (_, drive) => ({ first: drive * frames, frames })),
      spacing,
    ),
  };
}

/** The simulator's options of one drive of a set. @throws TrainingError when there is no such domain. */
export function driveOptions(set: DriveSet, drive: number): DriveOptions {
  const { domain, width, height, frameRate, framesPerDrive: frames, focalPixels, seed } = set;
  const names = domain.split('+');
  return {
    domain: domainNamed(names[drive % names.length] ?? ''),
    seed: seed + drive,
    frames,
    width,
    height,
    frameRate,
    ...(focalPixels === undefined ? {} : { focalPixels }),
  };
}

/** Renders the drives that the store lacks, with worker threads. */
export async function fillWithDrives(options: FillDrivesOptions): Promise<void> {
  const { folder, set, workers, signal, onProgress } = options;
  const store = SampleStore.open(folder, describeDrives(set));
  const missing = new Set(store.missing().map((frame) => Math.floor(frame / set.framesPerDrive)));
  store.close();
  let complete = set.drives - missing.size;
  onProgress?.(complete);
  const workerData: DriveWorkerData = { folder, set };
  await fillWithWorkers({
    worker: new URL('./simulator-drive-worker.js', import.meta.url),
    workerData,
    tasks: [...missing],
    workers,
    signal,
    onDone: () => {
      complete += 1;
      onProgress?.(complete);
    },
  });
}
