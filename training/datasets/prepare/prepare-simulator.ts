import path from 'node:path';
import { checkOptions, countOption, type DataSpec } from '../data-spec.js';
import type { StoreDescription } from '../stores/sample-store.js';
import type { Preparation, PreparedSource, PreparedTarget } from './prepared-data.js';
import { type DriveSet, driveTriplets, fillWithDrives } from './simulator-drives.js';
import { fillWithSimulator } from './simulator-samples.js';

/** Seeds of sets that must not overlap: drives to train on, held-out ones, and labelled snapshots. */
const FIRST_SEED = { training: 0, heldOut: 500_000, samples: 0 } as const;
const SEEDS_A_SET = 1_000_000;
/** Focal length of the drives' camera, share of the width: one camera for the whole set. */
const FOCAL_SHARE = 0.58;
/** Labelled snapshots are larger than the network's pictures, which are cropped out of them. */
const SAMPLE_MARGIN = 1.25;

/**
 * `simulator:DOMAIN[+DOMAIN...]?drives=400&frames=6&rate=8&validation=24`: short drives of one camera, in turn of each
 * domain.
 */
export async function prepareDrives(spec: DataSpec, preparation: Preparation): Promise<PreparedTarget> {
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
      onProgress: progress(preparation, `${domain} ${name} drives`, drives.drives),
    });
    return driveTriplets(folder, drives);
  };
  return {
    training: await fill('training', set('training', countOption(spec, 'drives', 400))),
    heldOut: await fill('validation', set('heldOut', countOption(spec, 'validation', 16))),
  };
}

/** `simulator:DOMAIN?samples=2000`: labelled snapshots, each of a scene of its own. */
export async function prepareSnapshots(spec: DataSpec, preparation: Preparation): Promise<PreparedSource> {
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
    onProgress: progress(preparation, `${spec.place} snapshots`, count),
  });
  return { samples: { folder, description, count }, crop: [0.75, 1] };
}

function progress({ report }: Preparation, what: string, total: number): (complete: number) => void {
  const began = performance.now();
  let first: number | undefined;
  return (complete) => {
    first ??= complete;
    if (complete === first ? complete === total : complete % 50 !== 0 && complete !== total) return;
    const rate = (complete - first) / ((performance.now() - began) / 1000);
    report(
      `${what} ${complete}/${total}${rate > 0 ? `, ${Math.ceil((total - complete) / rate)} s left` : ''}`,
    );
  };
}
