import path from 'node:path';
import { TrainingError } from '../../errors.js';
import { fitIntrinsics } from '../files/fit-intrinsics.js';
import { FolderNames } from '../files/folder-names.js';
import type { FrameFiles, FrameSet } from '../files/frame-files.js';
import { listFolder } from '../files/list-folder.js';
import { missingPictures } from '../files/missing-pictures.js';
import { pathIgnoringCase } from '../files/path-ignoring-case.js';
import { type Completeness, requireComplete } from '../files/require-complete.js';
import { SYNTHIA_TRAIN_IDS } from './synthia-classes.js';

const PUBLISHED_SIZE = { width: 1280, height: 760 };
/** Intrinsics of all pictures of that size, pixels. Source: SYNTHIA's camera parameters. */
const INTRINSICS = { fx: 532.740352, fy: 532.740352, cx: 640, cy: 380 };
/** Depth is in centimetres. Source: SYNTHIA-RAND-CITYSCAPES' README. */
const UNITS_PER_METER = 100;
/** The largest number of 16 bits: the sky. */
const FAR = 65535;

/**
 * SYNTHIA-RAND-CITYSCAPES as published. Pictures are `RGB/NNNNNNN.png` (9400). Labels are `GT/LABELS/NNNNNNN.png` (16 bits;
 * the class in the first channel, the instance in the second) or `parsed_LABELS/NNNNNNN.png` (the class alone). Depths are
 * `Depth/Depth/NNNNNNN.png` or `Depth/NNNNNNN.png` (16 bits, centimetres). Intrinsics are the data set's own. `train`,
 * `truck` and `terrain` do not occur: figures over 19 classes mean nothing here.
 * @throws TrainingError naming what is missing, unless `allowMissing`; what is missing altogether is said in `missing`.
 */
export async function openSynthia(root: string, options: Completeness = {}): Promise<FrameSet> {
  const pictures = await pathIgnoringCase(root, 'RGB');
  const names = (await listFolder(pictures, "SYNTHIA-RAND-CITYSCAPES' pictures, `RGB/0000000.png`")).filter(
    isPng,
  );
  if (names.length === 0)
    throw new TrainingError(`${pictures} holds no pictures; expected \`0000000.png\` and so on.`, {
      file: pictures,
    });
  const labels = await firstFolder(root, ['GT', 'LABELS'], ['parsed_LABELS']);
  const depths = await firstFolder(root, ['Depth', 'Depth'], ['Depth']);
  const frames = names.map((name): FrameFiles => {
    const [label, depth] = [labels.find(name), depths.find(name)];
    return {
      name: name.slice(0, -'.png'.length),
      picture: path.join(pictures, name),
      intrinsics: INTRINSICS,
      ...(label !== undefined && {
        labels: { file: label, ...{ numbers: 'table', trainIdByNumber: SYNTHIA_TRAIN_IDS } },
      }),
      ...(depth !== undefined && {
        depth: {
          ...{ kind: 'depth', file: depth, channels: 'first' },
          ...{ unitsPerMeter: UNITS_PER_METER, farValue: FAR },
        },
      }),
    };
  });
  const found = new FolderNames(pictures, names);
  const noPicture = new Set(
    [labels, depths].flatMap((truth) => missingPictures(found, truth, (name) => name)),
  );
  const missing = [
    ...requireComplete('pictures', [...noPicture], names.length + noPicture.size, options),
    ...lacking('label pictures', labels, names, options),
    ...lacking('depth pictures', depths, names, options),
  ];
  const fitted = await fitIntrinsics(frames, PUBLISHED_SIZE);
  return {
    title: `SYNTHIA-RAND-CITYSCAPES, ${frames.length} frames`,
    ...{ frames: fitted.frames, missing: [...missing, ...fitted.missing], classSets: ['16', '13', '7'] },
    ...(depths.names.length > 0 && { depthTruth: 'depth pictures (camera z)' }),
  };
}

const isPng = (name: string) => name.toLowerCase().endsWith('.png');

/** The pngs of the first of some folders that holds any; else of the first, none. */
async function firstFolder(root: string, ...places: readonly (readonly string[])[]): Promise<FolderNames> {
  for (const place of places) {
    const { folder, names } = await FolderNames.of(await pathIgnoringCase(root, ...place));
    const pngs = names.filter(isPng);
    if (pngs.length > 0) return new FolderNames(folder, pngs);
  }
  return new FolderNames(path.join(root, ...(places[0] ?? [])), []);
}

/** @throws TrainingError when some are missing and that is not allowed. */
function lacking(
  what: string,
  present: FolderNames,
  names: readonly string[],
  options: Completeness,
): string[] {
  if (present.names.length === 0) return [`no ${what}: ${present.folder} holds none`];
  const absent = names
    .filter((name) => present.find(name) === undefined)
    .map((name) => present.placeOf(name));
  return requireComplete(what, absent, names.length, options);
}
