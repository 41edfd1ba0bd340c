import path from 'node:path';
import type { ModelRunner } from '../../../models/model-runner.js';
import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import { TrainingError } from '../../errors.js';
import { pinholeView } from '../drive/pinhole-view.js';
import { driveCamera, driveImages, evenWindows } from '../drive/read-drive.js';
import { selectTriplets } from '../drive/select-triplets.js';
import { surveyDrive } from '../drive/survey.js';
import type { JudgedDrive } from './judged-drive.js';
import { judgedTruth, lidarTopic } from './judged-truth.js';

export interface GuardDrivesOptions {
  /** Bags that are only judged by. */
  readonly bags: readonly string[];
  readonly parent: ModelRunner;
  /** What is said of the camera of the drives that are learned from; it counts where a guard has its image topic. */
  readonly names: CameraSettings;
  /** Where pictures are kept while the judge needs them. */
  readonly folder: string;
  /** Whether a LiDAR in a bag is used. */
  readonly lidar: boolean;
  readonly signal: AbortSignal;
  report(line: string): void;
}

/** Pictures looked at of each bag, in windows spread over its length. */
export const MOST_GUARD_FRAMES = 120;

/**
 * Looks through recorded drives that candidates are judged by and nobody learns from. They may be of any camera.
 * @throws TrainingError when one says nothing: a guard that cannot guard would go unnoticed.
 */
export async function guardDrives(options: GuardDrivesOptions): Promise<JudgedDrive[]> {
  const guards: JudgedDrive[] = [];
  for (const [i, bagPath] of options.bags.entries()) {
    if (options.signal.aborted) break;
    guards.push(await guardDrive(options, bagPath, path.join(options.folder, `guard-${i}`)));
  }
  return guards;
}

/**
 * What is known of a guard's camera: what is said of the drives', if the guard has the image topic that is named for them.
 * Else the guard is of another camera, and its own bag says all.
 */
export function guardCamera(bag: Pick<BagReader, 'topics'>, names: CameraSettings): CameraSettings {
  return bag.topics.some(({ topic }) => topic === names.image) ? names : {};
}

async function guardDrive(
  { parent, names, lidar, signal, report }: GuardDrivesOptions,
  bagPath: string,
  folder: string,
): Promise<JudgedDrive> {
  const name = path.basename(path.resolve(bagPath));
  const bag = await openBag(bagPath);
  try {
    const camera = await driveCamera(bag, guardCamera(bag, names));
    const view = pinholeView(parent.manifest.input, camera.model, camera);
    const description = {
      ...{ source: name, seed: 0, width: view.width, height: view.height },
      count: MOST_GUARD_FRAMES,
    };
    const store = { folder, description };
    const skipped = { undecodable: 0, outOfOrder: 0 };
    const wanted = evenWindows(camera.imageCount ?? 0, MOST_GUARD_FRAMES);
    const images = driveImages(bag, camera, wanted, skipped);
    const frames = await surveyDrive({
      images,
      view,
      parent,
      store,
      first: 0,
      most: MOST_GUARD_FRAMES,
      signal,
    });
    const { triplets } = selectTriplets(frames);
    if (triplets.length === 0 && !signal.aborted) {
      throw new TrainingError(
        `--guard ${bagPath}: expected a drive in which the camera moves, found no usable triplet in ` +
          `${frames.length} pictures; leave it out.`,
        { field: '--guard' },
      );
    }
    report(`${name}: ${triplets.length} triplets of another drive to judge by`);
    const topic = lidar ? lidarTopic(bag, undefined) : undefined;
    return {
      ...{ name, store, views: [view] },
      triplets: triplets.map((triplet) => ({ ...triplet, drive: 0 })),
      ...(topic !== undefined && {
        truth: await judgedTruth(bag, topic, guardCamera(bag, names), view, frames),
      }),
    };
  } finally {
    await bag.close();
  }
}
