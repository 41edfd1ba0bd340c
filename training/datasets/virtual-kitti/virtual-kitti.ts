import path from 'node:path';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { TrainingError } from '../../errors.js';
import { fitIntrinsics } from '../files/fit-intrinsics.js';
import { FolderNames } from '../files/folder-names.js';
import type { DepthFile, FrameFiles, FrameSet, LabelFile } from '../files/frame-files.js';
import { listFolder } from '../files/list-folder.js';
import { type Completeness, requireComplete } from '../files/require-complete.js';
import type { VirtualDrive } from './virtual-drive.js';
import { virtualKitti1Drives } from './virtual-kitti-1.js';
import { virtualKitti2Drives } from './virtual-kitti-2.js';

export interface VirtualKittiOptions extends Completeness {
  /** 1 (1.3.1) or 2; by what is there where left out. */
  readonly version?: 1 | 2;
  /** Names of the variations (`clone`, `fog`, ...) that are taken; all where left out. */
  readonly variations?: readonly string[];
  /** Camera of version 2, left or right; default 0. */
  readonly camera?: 0 | 1;
}

/** Size and centre of all pictures of both versions: the file of version 2 has a line a picture, and one centre. */
const PUBLISHED = { width: 1242, height: 375, cx: 620.5, cy: 187 };

/** uint16, centimetres; the largest number is the sky. Source: the format descriptions of both versions. */
const DEPTH = { kind: 'depth', unitsPerMeter: 100, farValue: 65535 } as const satisfies Omit<
  Extract<DepthFile, { kind: 'depth' }>,
  'file'
>;

/**
 * Virtual KITTI 1.3.1 or 2 as published, see `virtual-kitti-1.ts` and `virtual-kitti-2.ts`. Pictures and depths must be there;
 * labels need the file that says which colour is which class.
 * @throws TrainingError when there is neither version, or both and none is asked for; naming what is missing, unless
 * `allowMissing`.
 */
export async function openVirtualKitti(root: string, options: VirtualKittiOptions = {}): Promise<FrameSet> {
  const version = options.version ?? (await versionOf(root));
  const drives =
    version === 1 ? await virtualKitti1Drives(root) : await virtualKitti2Drives(root, options.camera ?? 0);
  const { variations } = options;
  const unknown = variations?.find((name) => drives.every(({ variation }) => variation !== name));
  if (unknown !== undefined) {
    const known = [...new Set(drives.map(({ variation }) => variation))].sort();
    throw new TrainingError(
      `virtual-kitti: expected \`variation\` to be of ${known.map((name) => `\`${name}\``).join(', ')}, got \`${unknown}\``,
    );
  }
  const missing: Record<Lacking, string[]> = {
    ...{ pictures: [], depth: [], labels: [], colors: [], intrinsics: [] },
  };
  const frames: FrameFiles[] = [];
  for (const drive of drives.filter(({ variation }) => variations?.includes(variation) ?? true)) {
    frames.push(...(await framesOf(drive, missing)));
  }
  if (frames.length === 0)
    throw new TrainingError(`${root}: expected pictures of Virtual KITTI ${version}, found none.`, {
      file: root,
    });
  const fitted = await fitIntrinsics(frames, PUBLISHED);
  return {
    title: `Virtual KITTI ${version}, ${frames.length} frames`,
    frames: fitted.frames,
    depthTruth: 'exact depth (camera z)',
    crop: 'garg',
    missing: [
      ...requireComplete('pictures', missing.pictures, frames.length + missing.pictures.length, options),
      ...requireComplete('depth maps', missing.depth, frames.length, options),
      ...(missing.labels.length === frames.length
        ? [`no labels: ${path.dirname(missing.labels[0] ?? '')} is not there`]
        : requireComplete('label pictures', missing.labels, frames.length, options)),
      ...requireComplete('tables of class colours', missing.colors, drives.length, { allowMissing: true }),
      ...requireComplete('files of intrinsics', missing.intrinsics, drives.length, { allowMissing: true }),
      ...fitted.missing,
    ],
  };
}

async function versionOf(root: string): Promise<1 | 2> {
  const names = await listFolder(
    root,
    'Virtual KITTI: `vkitti_1.3.1_rgb` or `vkitti_2.0.3_rgb` and the folders beside it',
  );
  const first = names.some((name) => /^vkitti_1\.[\d.]+_rgb$/i.test(name));
  const second = names.some((name) => /^vkitti_2\.[\d.]+_rgb$|^Scene\d\d$/i.test(name));
  if (first !== second) return first ? 1 : 2;
  const both = 'holds Virtual KITTI 1 and 2: choose one with `version=1` or `version=2`';
  const none = 'holds no Virtual KITTI; expected `vkitti_1.3.1_rgb`, `vkitti_2.0.3_rgb` or `Scene01`';
  throw new TrainingError(`${root} ${first ? both : none}.`, { file: root });
}

type Lacking = 'pictures' | 'depth' | 'labels' | 'colors' | 'intrinsics';

/** Pictures that depth maps are there for, and that are not. */
function withoutPicture(
  { pictures, depthName, publishedName }: VirtualDrive,
  depths: FolderNames,
  present: ReadonlySet<number>,
): string[] {
  return depths.names.flatMap((name) => {
    const [digits] = /\d{5}(?=\.png$)/i.exec(name) ?? [];
    const isDepth = digits !== undefined && depthName(digits).toLowerCase() === name.toLowerCase();
    return isDepth && !present.has(Number(digits)) ? [path.join(pictures, publishedName(digits))] : [];
  });
}

async function framesOf(drive: VirtualDrive, missing: Record<Lacking, string[]>): Promise<FrameFiles[]> {
  const pictures = new Map<number, string>();
  for (const name of await listFolder(drive.pictures, 'the pictures of a drive of Virtual KITTI')) {
    const digits = drive.pictureName.exec(name)?.[1];
    if (digits !== undefined) pictures.set(Number(digits), path.join(drive.pictures, name));
  }
  const depths = await FolderNames.of(drive.depths);
  const labels = await FolderNames.of(drive.labels);
  missing.pictures.push(...withoutPicture(drive, depths, new Set(pictures.keys())));
  const { trainIdByColor } = drive;
  if (trainIdByColor === undefined) missing.colors.push(drive.colorsFile);
  if (drive.intrinsics === undefined) missing.intrinsics.push(drive.intrinsicsFile);
  return [...pictures].map(([index, picture]) => {
    const digits = String(index).padStart(5, '0');
    const [depthName, labelName] = [drive.depthName(digits), drive.labelName(digits)];
    const [depthFile, labelPath] = [depths.find(depthName), labels.find(labelName)];
    if (depthFile === undefined) missing.depth.push(depths.placeOf(depthName));
    if (labelPath === undefined) missing.labels.push(labels.placeOf(labelName));
    const [previous, next] = [pictures.get(index - 1), pictures.get(index + 1)];
    const label: LabelFile | undefined =
      labelPath !== undefined && trainIdByColor !== undefined
        ? { file: labelPath, numbers: 'colors', trainIdByColor }
        : undefined;
    return {
      name: `${drive.name} ${digits}`,
      picture,
      ...(previous !== undefined && { previous }),
      ...(next !== undefined && { next }),
      ...(drive.intrinsics && { intrinsics: drive.intrinsics satisfies Intrinsics }),
      ...(depthFile !== undefined && { depth: { ...DEPTH, file: depthFile } }),
      ...(label && { labels: label }),
    };
  });
}
