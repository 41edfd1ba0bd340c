import path from 'node:path';
import { TrainingError } from '../../errors.js';
import { FolderNames } from '../files/folder-names.js';
import type { FrameFiles, FrameSet } from '../files/frame-files.js';
import { listFolder, listFolderIfThere } from '../files/list-folder.js';
import { missingPictures } from '../files/missing-pictures.js';
import { pathIgnoringCase } from '../files/path-ignoring-case.js';
import { pictureSize } from '../files/picture-size.js';
import { type Completeness, requireComplete } from '../files/require-complete.js';

export const MAKE3D_SUBSETS = ['train', 'test'] as const;
export const MAKE3D_ERRORS = ['C1', 'C2'] as const;

export interface Make3dOptions extends Completeness {
  /** Default `test`. */
  readonly subset?: (typeof MAKE3D_SUBSETS)[number];
  /** `C1` (default): truth below 70 m counts. `C2`: all of it, what is beyond 80 m as 80 m. */
  readonly errors?: (typeof MAKE3D_ERRORS)[number];
}

/** Folders as the archives of Make3D unpack: pictures, and depths. */
const FOLDERS = {
  train: [
    ['Train400Img', 'Train400'],
    ['Train400Depth', 'Train400Depths'],
  ],
  test: [['Test134'], ['Gridlaserdata', 'Test134Depth']],
} as const;

/** Width and height of the picture in focal lengths: the default camera of Make3D's code (`a_default`, `b_default`). */
const EXTENT = { horizontal: 0.70783777, vertical: 0.946584169 };

/** The laser reaches 81 m. */
const FARTHEST_METERS = 80;
/** Just above, so that truth at 80 m counts. */
const BEYOND_FARTHEST_METERS = FARTHEST_METERS + 1e-3;
const C1_METERS = 70;

/**
 * Make3D (range image data 1) as published: `Train400Img/img-NAME.jpg` with `Train400Depth/depth_sph_corr-NAME.mat` (400)
 * and `Test134/img-NAME.jpg` with `Gridlaserdata/depth_sph_corr-NAME.mat` (134). Depths are grids of 55x305, MATLAB files of
 * level 5. The data set has no intrinsics: they are those of the default camera of its code.
 * @throws TrainingError naming what is missing, unless `allowMissing`.
 * Source: Saxena et al. 2007; C1 and C2 after Liu et al. 2014, section 5.
 */
export async function openMake3d(root: string, options: Make3dOptions = {}): Promise<FrameSet> {
  const { subset = 'test', errors = 'C1' } = options;
  const [pictureNames, depthNames] = FOLDERS[subset];
  const pictures = await existing(root, pictureNames);
  const depths = await existing(root, depthNames);
  const names = (await listFolder(pictures, `Make3D's pictures, \`${pictureNames[0]}/img-NAME.jpg\``))
    .map((file) => /^img-(.+)\.jpe?g$/i.exec(file))
    .flatMap((match) => (match === null ? [] : [{ file: match[0], name: match[1] ?? '' }]));
  if (names.length === 0)
    throw new TrainingError(`${pictures} holds no pictures; expected \`img-NAME.jpg\` and so on.`, {
      file: pictures,
    });
  const present = await FolderNames.of(depths);
  const frames: FrameFiles[] = [];
  const noDepth: string[] = [];
  for (const { file, name } of names) {
    const picture = path.join(pictures, file);
    const depthName = `depth_sph_corr-${name}.mat`;
    const depth = present.find(depthName);
    if (depth === undefined) noDepth.push(present.placeOf(depthName));
    const { width, height } = await pictureSize(picture);
    frames.push({
      name,
      picture,
      intrinsics: {
        ...{ fx: width / EXTENT.horizontal, fy: height / EXTENT.vertical },
        ...{ cx: (width - 1) / 2, cy: (height - 1) / 2 },
      },
      ...(depth !== undefined && {
        depth: {
          ...{ kind: 'make3d', file: depth },
          ...(errors === 'C2' && { mostMeters: FARTHEST_METERS }),
        },
      }),
    });
  }
  const found = new FolderNames(
    pictures,
    names.map(({ name }) => `img-${name}.jpg`),
  );
  const noPicture = missingPictures(found, present, (file) => {
    const [, name] = /^depth_sph_corr-(.+)\.mat$/i.exec(file) ?? [];
    return name === undefined ? undefined : `img-${name}.jpg`;
  });
  return {
    title: `Make3D ${subset}, ${frames.length} pictures`,
    frames,
    depthTruth: errors === 'C1' ? 'laser below 70 m (C1)' : 'laser, at most 80 m (C2)',
    missing: [
      ...requireComplete('pictures', noPicture, frames.length + noPicture.length, options),
      ...requireComplete('laser depths', noDepth, frames.length, options),
    ],
    protocol: {
      ...{ crop: 'make3d', medianScaling: false },
      capMeters: errors === 'C1' ? C1_METERS : BEYOND_FARTHEST_METERS,
    },
  };
}

/** The first of the folders that is there; the first of all where none is. */
async function existing(root: string, names: readonly [string, ...string[]]): Promise<string> {
  for (const name of names) {
    const folder = await pathIgnoringCase(root, name);
    if ((await listFolderIfThere(folder)) !== undefined) return folder;
  }
  return path.join(root, names[0]);
}
