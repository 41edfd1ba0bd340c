import path from 'node:path';
import type { Manifest } from '../../models/manifest.js';
import type { ModelRunner } from '../../models/model-runner.js';
import { NO_DISTORTION } from '../../msgs/camera/distortion.js';
import { type PinholeView, pinholeView } from '../../training/adaptation/drive/pinhole-view.js';
import { type DriveTriplet, selectTriplets } from '../../training/adaptation/drive/select-triplets.js';
import { splitDrive } from '../../training/adaptation/drive/split-drive.js';
import { surveyDrive } from '../../training/adaptation/drive/survey.js';
import { SampleStore, type StoreDescription } from '../../training/datasets/stores/sample-store.js';
import { domainNamed } from '../../training/simulator/domains.js';
import { simulateDrive } from '../../training/simulator/drive.js';
import type { SimulatedFrame } from '../../training/simulator/frame.js';

export interface ProofStore {
  readonly folder: string;
  readonly description: StoreDescription;
}

export interface ProofDriveOptions {
  readonly domain: string;
  readonly seed: number;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
}

/** A simulated drive as the judge sees it, and its truth, which the judge does not see. */
export interface ProofDrive {
  readonly name: string;
  readonly view: PinholeView;
  /** Pictures with the parent's depth and labels. */
  readonly frames: ProofStore;
  /** The same pictures with the simulator's depth and labels. */
  readonly truth: ProofStore;
  /** All, and those of the judged part. */
  readonly triplets: readonly DriveTriplet[];
  readonly judge: readonly DriveTriplet[];
  /** Frames before the gap, and after it. */
  readonly adaptFrames: readonly number[];
  readonly judgeFrames: readonly number[];
  /** [H, W] by judged frame: 1 on vehicles and people that move. */
  readonly moving: ReadonlyMap<number, Uint8Array>;
}

/** Size of the pictures, as the model sees those of a camera of 16:5. */
export function proofSize({ input }: Manifest): { readonly width: number; readonly height: number } {
  const camera = { width: 512, height: 160 };
  const intrinsics = { fx: 300, fy: 300, cx: 255.5, cy: 79.5 };
  const { width, height } = pinholeView(input, { intrinsics, distortion: NO_DISTORTION }, camera);
  return { width, height };
}

/** Renders a drive and lets the parent look at it. */
export async function proofDrive(
  folder: string,
  { domain, seed, frames: count, width, height }: ProofDriveOptions,
  parent: ModelRunner,
): Promise<ProofDrive> {
  const name = `${domain}-${seed}`;
  const simulated = [
    ...simulateDrive({ domain: domainNamed(domain), seed, frames: count, width, height, frameRate: 10 }),
  ];
  const { intrinsics } = simulated[0];
  const view = pinholeView(
    parent.manifest.input,
    { intrinsics, distortion: NO_DISTORTION },
    { width, height },
  );
  const description = { source: name, seed, width: view.width, height: view.height, count };
  const frames = { folder: path.join(folder, `${name}-parent`), description };
  const truth = { folder: path.join(folder, `${name}-truth`), description };
  const images = simulated.map(({ stampNs, rgb }, index) => ({
    index,
    stampNs,
    picture: { width, height, rgb },
  }));
  const surveyed = await surveyDrive({ images, view, parent, store: frames, first: 0, most: count });
  const store = SampleStore.open(truth.folder, description);
  for (const [index, frame] of simulated.entries()) store.write(index, frame);
  store.close();
  const { triplets } = selectTriplets(surveyed);
  const split = splitDrive(surveyed, triplets);
  const adaptEnd = Math.max(...split.adapt.map(({ next }) => next));
  const judgeBegin = Math.min(...split.judge.map(({ previous }) => previous));
  const judgeFrames = surveyed.map(({ index }) => index).filter((index) => index >= judgeBegin);
  return {
    ...{ name, view, frames, truth, judgeFrames },
    triplets: triplets.map((triplet) => ({ ...triplet, drive: 0 })),
    judge: split.judge.map((triplet) => ({ ...triplet, drive: 0 })),
    adaptFrames: Array.from({ length: adaptEnd + 1 }, (_, i) => i),
    moving: new Map(judgeFrames.map((index) => [index, movingPixels(simulated[index])])),
  };
}

function movingPixels({ instances, movingInstances }: SimulatedFrame): Uint8Array {
  return Uint8Array.from(instances, (instance) => (movingInstances.has(instance) ? 1 : 0));
}
