import path from 'node:path';
import { TrainingError } from '../../errors.js';
import { fitIntrinsics } from '../files/fit-intrinsics.js';
import { FolderNames } from '../files/folder-names.js';
import type { FrameFiles, FrameSet } from '../files/frame-files.js';
import { listFolder, listFolderIfThere } from '../files/list-folder.js';
import { missingPictures } from '../files/missing-pictures.js';
import { pathIgnoringCase } from '../files/path-ignoring-case.js';
import { type Completeness, requireComplete } from '../files/require-complete.js';

export const NYUV2_SUBSETS = ['train', 'test'] as const;

export interface Nyuv2Options extends Completeness {
  /** Default `test`. */
  readonly subset?: (typeof NYUV2_SUBSETS)[number];
}

const PUBLISHED_SIZE = { width: 640, height: 480 };

/** Intrinsics of the colour camera at 640x480, from `camera_params.m` of the published toolbox. */
const INTRINSICS = {
  fx: 518.85790117450188,
  fy: 519.46961112127485,
  cx: 325.58244941119034,
  cy: 253.73616633400465,
};

/** Depth pictures hold millimetres. */
const UNITS_PER_METER = 1000;
const FARTHEST_METERS = 10;

const PICTURE = /^rgb_(\d+)\.(?:jpe?g|png)$/i;

/**
 * NYUv2's labelled pairs (795 to train on, 654 to test) as the community exports them from the published
 * `nyu_depth_v2_labeled.mat` and `splits.mat`. `SUBSET/SCENE/rgb_NNNNN.jpg` (or .png) of 640x480 with `sync_depth_NNNNN.png`,
 * 16 bit, millimetres. ROOT is that folder (`official_splits`) or the one around it. Depth is the in-painted one, camera z.
 * Truth is evaluated inside Eigen's crop, up to 10 m.
 *
 * The published file itself is HDF5, and so are the `.h5` folders of others: they are refused with what exports them.
 * @throws TrainingError naming what is missing, unless `allowMissing`.
 * Source: Silberman et al. 2012; Eigen et al. 2014 for the crop.
 */
export async function openNyuv2(root: string, options: Nyuv2Options = {}): Promise<FrameSet> {
  const { subset = 'test' } = options;
  const splits = await pathIgnoringCase(root, 'official_splits');
  const top = (await listFolderIfThere(splits)) === undefined ? root : splits;
  await refuseHdf5(root, subset);
  const folder = await pathIgnoringCase(top, subset);
  const scenes = await listFolder(folder, `NYUv2's exported pairs, \`${subset}/SCENE/rgb_00001.jpg\``);
  const frames: FrameFiles[] = [];
  const noDepth: string[] = [];
  const noPicture: string[] = [];
  for (const scene of scenes) {
    const files = await FolderNames.of(path.join(folder, scene));
    const numbers = new Map<string, string>();
    for (const file of files.names) {
      const [, number] = PICTURE.exec(file) ?? [];
      if (number === undefined) continue;
      const twin = numbers.get(number);
      if (twin !== undefined) {
        throw new TrainingError(
          `${files.placeOf(file)}: expected one picture of number ${number}, there is \`${twin}\` too; remove one of them.`,
          { file: files.placeOf(file) },
        );
      }
      numbers.set(number, file);
      const depthName = `sync_depth_${number}.png`;
      const depth = files.find(depthName);
      if (depth === undefined) noDepth.push(files.placeOf(depthName));
      frames.push({
        name: `${scene} ${number}`,
        picture: files.placeOf(file),
        intrinsics: INTRINSICS,
        ...(depth !== undefined && { depth: { kind: 'depth', file: depth, unitsPerMeter: UNITS_PER_METER } }),
      });
    }
    const present = new FolderNames(
      files.folder,
      [...numbers.keys()].map((number) => `rgb_${number}.jpg`),
    );
    noPicture.push(
      ...missingPictures(present, files, (name) => {
        const [, number] = /^sync_depth_(\d+)\.png$/i.exec(name) ?? [];
        return number === undefined ? undefined : `rgb_${number}.jpg`;
      }),
    );
  }
  if (frames.length === 0)
    throw new TrainingError(`${folder} holds no pictures; expected \`SCENE/rgb_00001.jpg\` and so on.`, {
      file: folder,
    });
  const fitted = await fitIntrinsics(frames, PUBLISHED_SIZE);
  return {
    title: `NYUv2 ${subset}, ${frames.length} pictures`,
    frames: fitted.frames,
    depthTruth: 'Kinect, in-painted (camera z)',
    missing: [
      ...requireComplete('pictures', noPicture, frames.length + noPicture.length, options),
      ...requireComplete('depth pictures', noDepth, frames.length, options),
      ...fitted.missing,
    ],
    protocol: { crop: 'nyuv2', capMeters: FARTHEST_METERS, medianScaling: false },
  };
}

const EXPORT =
  'this program reads no HDF5; `docs/adversarial-depth.md` has the Python lines that export it to ' +
  '`SUBSET/SCENE/rgb_NNNNN.jpg` and `sync_depth_NNNNN.png`';

/** @throws TrainingError where ROOT is the published file, or holds frames as HDF5. */
async function refuseHdf5(root: string, subset: string): Promise<void> {
  if (/\.(?:mat|h5|hdf5)$/i.test(root))
    throw new TrainingError(`${root}: expected a folder; ${EXPORT}.`, { file: root });
  const found = await firstHdf5(root, subset);
  if (found !== undefined)
    throw new TrainingError(`${found}: expected exported pictures; ${EXPORT}.`, { file: found });
}

async function firstHdf5(root: string, subset: string): Promise<string | undefined> {
  const here = (await listFolderIfThere(root)) ?? [];
  const file = here.find((name) => isHdf5(name) || /^nyu_depth_v2_labeled\.mat$/i.test(name));
  if (file !== undefined && !here.includes(subset)) return path.join(root, file);
  // The folders that go around have `val` for the test pictures.
  for (const part of subset === 'test' ? ['test', 'val'] : ['train']) {
    const [scene] = (await listFolderIfThere(path.join(root, part))) ?? [];
    if (scene === undefined) continue;
    const within = ((await listFolderIfThere(path.join(root, part, scene))) ?? []).find(isHdf5);
    if (within !== undefined) return path.join(root, part, scene, within);
  }
  return undefined;
}

function isHdf5(name: string): boolean {
  return /\.(?:h5|hdf5)$/i.test(name);
}
