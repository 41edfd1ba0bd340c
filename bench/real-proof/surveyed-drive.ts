import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelRunner } from '../../models/model-runner.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { pinholeView } from '../../training/adaptation/drive/pinhole-view.js';
import { driveCamera, driveImages, evenWindows } from '../../training/adaptation/drive/read-drive.js';
import { type SelectedTriplet, selectTriplets } from '../../training/adaptation/drive/select-triplets.js';
import { splitDrive } from '../../training/adaptation/drive/split-drive.js';
import { type SurveyedFrame, surveyDrive } from '../../training/adaptation/drive/survey.js';
import type { JudgedDrive } from '../../training/adaptation/judge/judged-drive.js';
import { judgedTruth } from '../../training/adaptation/judge/judged-truth.js';
import type { SparseDepth } from '../../training/datasets/stores/sparse-depth.js';

/** A recorded drive as the judge sees it, and its truth, which the judge does not see. */
export interface SurveyedDrive {
  readonly name: string;
  /** The part that an adaptation to it is judged by. */
  readonly kept: JudgedDrive;
  /** The whole drive, as another drive is judged by. */
  readonly whole: JudgedDrive;
  /** Measured depths by frame of the store, in the order of time; without a topic none. */
  readonly truth: ReadonlyMap<number, SparseDepth>;
  readonly view: ReturnType<typeof pinholeView>;
}

const MOST_FRAMES = 1200;
const MOST_GUARD_FRAMES = 120;

/** Looks through a recorded drive, as `rxdepth adapt` does; what was surveyed before for the same parent is read again. */
export async function surveyedDrive(
  folder: string,
  bagPath: string,
  truthTopic: string | undefined,
  parent: ModelRunner,
): Promise<SurveyedDrive> {
  const name = path.basename(bagPath);
  const bag = await openBag(bagPath);
  try {
    const camera = await driveCamera(bag, {});
    const view = pinholeView(parent.manifest.input, camera.model, camera);
    const most = Math.min(MOST_FRAMES, camera.imageCount ?? MOST_FRAMES);
    const description = { source: name, seed: 0, width: view.width, height: view.height, count: most };
    const store = { folder: path.join(folder, `${name}-${keyOf(parent)}`), description };
    const file = path.join(store.folder, 'frames.json');
    await makeFolder(store.folder);
    let frames: SurveyedFrame[];
    if (existsSync(file)) frames = parse(await readFile(file, 'utf8'));
    else {
      const images = driveImages(bag, camera, evenWindows(camera.imageCount ?? 0, most), {
        undecodable: 0,
        outOfOrder: 0,
      });
      frames = await surveyDrive({ images, view, parent, store, first: 0, most });
      await writeFile(
        file,
        JSON.stringify(frames, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)),
      );
    }
    const { triplets } = selectTriplets(frames);
    const drive = (chosen: readonly SelectedTriplet[]): JudgedDrive => ({
      ...{ name, store, views: [view] },
      triplets: chosen.map((triplet) => ({ ...triplet, drive: 0 })),
    });
    const isWanted = evenWindows(frames.length, MOST_GUARD_FRAMES);
    return {
      ...{ name, view, kept: drive(splitDrive(frames, triplets).judge) },
      whole: drive(triplets.filter(({ previous, next }) => isWanted(previous) && isWanted(next))),
      truth: truthTopic === undefined ? new Map() : await judgedTruth(bag, truthTopic, {}, view, frames),
    };
  } finally {
    await bag.close();
  }
}

function keyOf({ manifest }: ModelRunner): string {
  return manifest.files['weights.safetensors']?.sha256.slice(0, 8) ?? manifest.name;
}

function parse(text: string): SurveyedFrame[] {
  return JSON.parse(text, (_, value) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
}
