import { existsSync } from 'node:fs';
import path from 'node:path';
import { TrainingError } from '../../errors.js';
import { checkOptions, countOption, type DataSpec } from '../data-spec.js';
import type { StoreDescription } from '../stores/sample-store.js';
import type {
  Preparation,
  PreparedPictures,
  PreparedSource,
  PreparedTarget,
  SizedPreparation,
} from './prepared-data.js';
import { reportProgress } from './report-progress.js';
import { type DriveSet, driveTriplets, fillWithDrives } from './simulator-drives.js';
import { fillWithSimulator } from './simulator-samples.js';

/** Seeds of sets that must not overlap: drives to train on, held-out ones, labelled snapshots, and pictures without labels. */
const FIRST_SEED = {
  ...{ training: 0, heldOut: 500_000, samples: 0 },
  ...{ pictures: 250_000, heldOutPictures: 750_000 },
} as const;
const SEEDS_A_SET = 1_000_000;
/** Focal length of the drives' camera, share of the width: one camera for the whole set. */
const FOCAL_SHARE = 0.58;
/** Labelled snapshots are larger than the network's pictures, which are cropped out of them. */
const SAMPLE_MARGIN = 1.25;

/**
 * `simulator:DOMAIN[+DOMAIN...]?drives=400&frames=6&rate=8&validation=24`: short drives of one camera, in turn of each
 * domain.
 */
export async function prepareDrives(spec: DataSpec, preparation: SizedPreparation): Promise<PreparedTarget> {
  checkOptions(spec, ['drives', 'frames', 'rate', 'validation']);
  const { width, height, seed, workers, signal } = preparation;
  const set = (kind: 'training' | 'heldOut', drives: number): DriveSet => ({
    domain: spec.place,
    drives,
    framesPerDrive: countOption(spec, 'frames', 6),
    frameRate: countOption(spec, 'rate', 8),
    seed: seed * SEEDS_A_SET + FIRST_SEED[kind],
    width,
    height,
    focalPixels: FOCAL_SHARE * width,
  });
  const fill = async (name: string, drives: DriveSet) => {
    const { domain, framesPerDrive, frameRate } = drives;
    const size = `${width}x${height}`;
    const folder = path.join(
      preparation.folder,
      `${domain}-${name}-${drives.drives}x${framesPerDrive}-${frameRate}hz-${size}-${seed}`,
    );
    await fillWithDrives({
      folder,
      set: drives,
      workers,
      signal,
      onProgress: reportProgress(preparation.report, `${domain} ${name} drives`, drives.drives),
    });
    return driveTriplets(folder, drives);
  };
  return {
    kind: 'triplets',
    training: await fill('training', set('training', countOption(spec, 'drives', 400))),
    heldOut: await fill('validation', set('heldOut', countOption(spec, 'validation', 16))),
  };
}

/** `simulator:DOMAIN?samples=2000`: labelled snapshots, each of a scene of its own. */
export async function prepareSnapshots(
  spec: DataSpec,
  preparation: SizedPreparation,
): Promise<PreparedSource> {
  checkOptions(spec, ['samples']);
  const { seed, workers, signal } = preparation;
  const width = Math.round(preparation.width * SAMPLE_MARGIN);
  const height = Math.round(preparation.height * SAMPLE_MARGIN);
  const count = countOption(spec, 'samples', 2000);
  const description: StoreDescription = {
    source: `simulator ${spec.place}`,
    seed: seed * SEEDS_A_SET + FIRST_SEED.samples,
    width,
    height,
    count,
  };
  const folder = path.join(preparation.folder, `${spec.place}-snapshots-${count}-${width}x${height}-${seed}`);
  await fillWithSimulator({
    folder,
    domain: spec.place,
    description,
    workers,
    ...(signal === undefined ? {} : { signal }),
    onProgress: reportProgress(preparation.report, `${spec.place} snapshots`, count),
  });
  return {
    kind: 'labelled',
    training: { folder, description, count },
    heldOut: { folder, description, first: count, count: 0 },
    crop: [0.75, 1],
  };
}

/**
 * `simulator:DOMAIN?samples=1000&validation=40`: snapshots whose truth stays aside; scenes that no labelled snapshot
 * shows. The held-out ones keep their truth, to measure by.
 */
export async function picturesOfSimulator(
  spec: DataSpec,
  preparation: SizedPreparation,
): Promise<PreparedPictures> {
  checkOptions(spec, ['samples', 'validation']);
  const { seed, workers, signal } = preparation;
  const width = Math.round(preparation.width * SAMPLE_MARGIN);
  const height = Math.round(preparation.height * SAMPLE_MARGIN);
  const fill = async (part: 'pictures' | 'heldOutPictures', count: number) => {
    const description: StoreDescription = {
      source: `simulator ${spec.place}`,
      seed: seed * SEEDS_A_SET + FIRST_SEED[part],
      ...{ width, height, count },
      ...(part === 'pictures' && { truth: false }),
    };
    const name = part === 'pictures' ? 'pictures' : 'validation-pictures';
    const folder = path.join(preparation.folder, `${spec.place}-${name}-${count}-${width}x${height}-${seed}`);
    await fillWithSimulator({
      ...{ folder, domain: spec.place, description, workers },
      ...(signal === undefined ? {} : { signal }),
      onProgress: reportProgress(preparation.report, `${spec.place} ${name}`, count),
    });
    return { folder, description, count };
  };
  return {
    kind: 'pictures',
    training: await fill('pictures', countOption(spec, 'samples', 1000)),
    heldOut: await fill('heldOutPictures', countOption(spec, 'validation', 40)),
    crop: [0.8, 1],
  };
}

/** `simulator:DOMAIN[:SAMPLES,...]?samples=2000&validation=40`: snapshots with exact depth, the last of them held out. */
export async function preparePairedSnapshots(
  spec: DataSpec,
  preparation: SizedPreparation,
): Promise<PreparedSource> {
  checkOptions(spec, ['samples', 'validation']);
  const [count, heldOut] = [countOption(spec, 'samples', 2000), countOption(spec, 'validation', 40)];
  if (heldOut >= count) {
    throw new TrainingError(
      `simulator: expected \`validation\` to be less than the ${count} samples, got \`${heldOut}\``,
    );
  }
  const width = Math.round(preparation.width * SAMPLE_MARGIN);
  const height = Math.round(preparation.height * SAMPLE_MARGIN);
  const set = { domain: spec.place, count, heldOut, width, height, seed: preparation.seed };
  return { ...(await prepareMixedSnapshots(set, preparation)), crop: [1 / SAMPLE_MARGIN, 1] };
}

/** Labelled snapshots of one domain or several, see `parseDomainMix`. */
export interface SnapshotSet {
  readonly domain: string;
  /** Number of all snapshots; the last `heldOut` of them are held out. */
  readonly count: number;
  readonly heldOut: number;
  readonly width: number;
  readonly height: number;
  readonly seed: number;
}

/** Snapshots of drawn scenes with exact depth and labels; a folder that holds such a store itself is gone on with. */
export async function prepareMixedSnapshots(
  { domain, count, heldOut, width, height, seed }: SnapshotSet,
  preparation: Preparation,
): Promise<PreparedSource> {
  const source = `simulator ${domain}`;
  const description: StoreDescription = { source, seed: seed * SEEDS_A_SET, width, height, count };
  const name = `${domain.replaceAll(/[^\w.-]+/g, '_')}-samples-${count}-${width}x${height}-${seed}`;
  const folder = existsSync(path.join(preparation.folder, 'store.json'))
    ? preparation.folder
    : path.join(preparation.folder, name);
  const { workers, signal } = preparation;
  await fillWithSimulator({
    ...{ folder, domain, description, workers },
    ...(signal === undefined ? {} : { signal }),
    onProgress: reportProgress(preparation.report, 'samples', count),
  });
  const training = count - heldOut;
  return {
    kind: 'labelled',
    training: { folder, description, count: training },
    heldOut: { folder, description, first: training, count: heldOut },
    crop: [1, 1],
  };
}
