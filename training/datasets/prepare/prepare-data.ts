import { TrainingError } from '../../errors.js';
import { type DataSpec, parseDataSpec } from '../data-spec.js';
import { prepareBag } from './prepare-bag.js';
import { prepareFrameDepths } from './prepare-frame-depths.js';
import { prepareFrameLabels, prepareFrameTriplets } from './prepare-frame-set.js';
import { preparePairedBag } from './prepare-paired-bag.js';
import { preparePairedFrames } from './prepare-paired-frames.js';
import { prepareDrives, preparePairedSnapshots, prepareSnapshots } from './prepare-simulator.js';
import type { PreparedSource, PreparedTarget, SizedPreparation } from './prepared-data.js';

type Prepare<T> = (spec: DataSpec, preparation: SizedPreparation) => Promise<T>;

/** Kinds of data that triplets can be made of. */
const TARGETS: Readonly<Record<string, Prepare<PreparedTarget>>> = {
  simulator: prepareDrives,
  bag: prepareBag,
  'kitti-raw': prepareFrameTriplets,
};

/** Kinds of data with labels. */
const SOURCES: Readonly<Record<string, Prepare<PreparedSource>>> = {
  simulator: prepareSnapshots,
  cityscapes: prepareFrameLabels,
  'virtual-kitti': prepareFrameLabels,
  'kitti-2015': prepareFrameLabels,
};

/** Kinds of data with depth, and labels where the data set has them. */
const DEPTH_SOURCES: Readonly<Record<string, Prepare<PreparedSource>>> = {
  simulator: prepareSnapshots,
  bag: preparePairedBag,
  cityscapes: prepareFrameDepths,
  'virtual-kitti': prepareFrameDepths,
  'kitti-raw': prepareFrameDepths,
  'kitti-2015': prepareFrameDepths,
  synthia: prepareFrameDepths,
};

/** Kinds of data with true depth, dense or sparse. */
const PAIRED: Readonly<Record<string, Prepare<PreparedSource>>> = {
  simulator: preparePairedSnapshots,
  bag: preparePairedBag,
  nyuv2: preparePairedFrames,
  make3d: preparePairedFrames,
  'kitti-raw': preparePairedFrames,
  'kitti-2015': preparePairedFrames,
  'virtual-kitti': preparePairedFrames,
};

/** Makes the triplets of a target domain ready. @throws TrainingError for a kind that has none, or data that cannot be read. */
export function prepareTarget(text: string, preparation: SizedPreparation): Promise<PreparedTarget> {
  return prepare(TARGETS, '--target', text, preparation);
}

/** Makes the labelled images of a source domain ready. @throws TrainingError as `prepareTarget`. */
export function prepareSource(text: string, preparation: SizedPreparation): Promise<PreparedSource> {
  return prepare(SOURCES, '--source', text, preparation);
}

/** Makes the images with depth of a source domain ready. @throws TrainingError as `prepareTarget`. */
export function prepareDepthSource(text: string, preparation: SizedPreparation): Promise<PreparedSource> {
  return prepare(DEPTH_SOURCES, '--source', text, preparation);
}

/** Makes pictures with true depth ready. @throws TrainingError as `prepareTarget`. */
export function preparePaired(text: string, preparation: SizedPreparation): Promise<PreparedSource> {
  return prepare(PAIRED, '--paired', text, preparation);
}

async function prepare<T>(
  kinds: Readonly<Record<string, Prepare<T>>>,
  role: string,
  text: string,
  preparation: SizedPreparation,
): Promise<T> {
  const spec = parseDataSpec(text);
  const found = Object.hasOwn(kinds, spec.kind) ? kinds[spec.kind] : undefined;
  if (found === undefined) {
    const known = Object.keys(kinds).map((kind) => `\`${kind}:...\``);
    throw new TrainingError(`${role}: expected ${known.join(' or ')}, got \`${text}\``);
  }
  return found(spec, preparation);
}
