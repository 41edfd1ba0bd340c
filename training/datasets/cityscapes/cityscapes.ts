import path from 'node:path';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';
import { checkedIntrinsics } from '../files/checked-intrinsics.js';
import { fitIntrinsics } from '../files/fit-intrinsics.js';
import { FolderNames } from '../files/folder-names.js';
import type { FrameFiles, FrameSet, LabelFile } from '../files/frame-files.js';
import { listFolder } from '../files/list-folder.js';
import { readText } from '../files/read-text.js';
import { type Completeness, requireComplete } from '../files/require-complete.js';

export const CITYSCAPES_SUBSETS = ['train', 'val', 'test'] as const;

export interface CityscapesOptions extends Completeness {
  /** Default `val`. */
  readonly subset?: (typeof CITYSCAPES_SUBSETS)[number];
  /** Whether the disparity maps are read; `none` by default. */
  readonly depth?: 'disparity' | 'none';
}

/** uint16: disparity in pixels times 256 plus 1, 0 is unknown. Source: Cityscapes' README, "disparity". */
const DISPARITY = { kind: 'disparity', unitsPerPixel: 256, offset: 1 } as const;

/** Of the pictures that the camera files belong to. */
const PUBLISHED_SIZE = { width: 2048, height: 1024 } as const;

const SUFFIX = '_leftImg8bit.png';

/**
 * Cityscapes as published: `leftImg8bit/SUBSET/CITY/CITY_SSSSSS_FFFFFF_leftImg8bit.png`,
 * `gtFine/SUBSET/CITY/..._gtFine_labelTrainIds.png` (made by its scripts) or `..._gtFine_labelIds.png`,
 * `camera/SUBSET/CITY/..._camera.json` and `leftImg8bit_sequence/SUBSET/CITY/` for the pictures before and after. Only the
 * pictures must be there; what else is missing is said in `missing`. The subset `test` is published without its labels. Depth
 * comes from `disparity/SUBSET/CITY/..._disparity.png` and the camera files, where it is asked for: its numbers are pixels of
 * the published size in copies of another size, too. Intrinsics are fitted to such copies.
 * @throws TrainingError when pictures are missing, or labels or disparities of some of them, unless `allowMissing`.
 */
export async function openCityscapes(root: string, options: CityscapesOptions = {}): Promise<FrameSet> {
  const { subset = 'val', depth = 'none' } = options;
  const pictures = path.join(root, 'leftImg8bit', subset);
  const cities = await listFolder(
    pictures,
    `Cityscapes' pictures, \`leftImg8bit/${subset}/CITY/*${SUFFIX}\``,
  );
  const frames: FrameFiles[] = [];
  const noLabels: string[] = [];
  const noCamera: string[] = [];
  const noDisparity: string[] = [];
  const noBaseline: string[] = [];
  for (const city of cities) {
    const of = (kind: string) => path.join(root, kind, subset, city);
    const labels = await FolderNames.of(of('gtFine'));
    const cameras = await FolderNames.of(of('camera'));
    const disparities =
      depth === 'none' ? new FolderNames(of('disparity'), []) : await FolderNames.of(of('disparity'));
    const sequence = await FolderNames.of(of('leftImg8bit_sequence'));
    const pictures = await FolderNames.of(of('leftImg8bit'));
    for (const file of pictures.names.filter((name) => name.toLowerCase().endsWith(SUFFIX.toLowerCase()))) {
      const name = file.slice(0, -SUFFIX.length);
      const label = labelFile(labels, name);
      const cameraName = `${name}_camera.json`;
      const camera = cameras.find(cameraName);
      if (label === undefined) noLabels.push(labels.placeOf(`${name}_gtFine_labelIds.png`));
      if (camera === undefined) noCamera.push(cameras.placeOf(cameraName));
      const known = camera === undefined ? undefined : await readCamera(camera);
      const disparityName = `${name}_disparity.png`;
      const disparity = disparities.find(disparityName);
      if (depth !== 'none' && disparity === undefined) noDisparity.push(disparities.placeOf(disparityName));
      if (depth !== 'none' && camera !== undefined && known?.focalBaseline === undefined)
        noBaseline.push(camera);
      const neighbour = (key: 'previous' | 'next', offset: number) => {
        const beside = sequence.find(`${besideOf(name, offset)}${SUFFIX}`);
        return beside === undefined ? {} : { [key]: beside };
      };
      frames.push({
        name,
        picture: pictures.placeOf(file),
        ...neighbour('previous', -1),
        ...neighbour('next', 1),
        ...(known && { intrinsics: known.intrinsics }),
        ...(known?.focalBaseline !== undefined &&
          disparity !== undefined && {
            depth: { ...DISPARITY, file: disparity, focalBaseline: known.focalBaseline },
          }),
        ...(label !== undefined && { labels: label }),
      });
    }
  }
  if (frames.length === 0)
    throw new TrainingError(`${pictures} holds no pictures; expected \`CITY/*${SUFFIX}\`.`, {
      file: pictures,
    });
  const missing: string[] = [];
  if (noLabels.length === frames.length)
    missing.push(`no labels: ${path.join(root, 'gtFine', subset)} holds none`);
  else missing.push(...requireComplete('label pictures', noLabels, frames.length, options));
  // Disparities become depth by them alone.
  const cameras = depth === 'none' ? { allowMissing: true } : options;
  missing.push(...requireComplete('camera files (intrinsics)', noCamera, frames.length, cameras));
  const fitted = await fitIntrinsics(frames, PUBLISHED_SIZE);
  missing.push(...fitted.missing);
  const title = `Cityscapes ${subset}, ${frames.length} frames`;
  if (depth === 'none') return { title, frames: fitted.frames, missing };
  missing.push(...requireComplete('disparity maps', noDisparity, frames.length, options));
  missing.push(
    ...requireComplete(
      'baselines (`extrinsic.baseline` of the camera files)',
      noBaseline,
      frames.length,
      options,
    ),
  );
  return {
    title,
    ...{ frames: fitted.frames, missing, depthTruth: 'disparity maps (camera z)', crop: 'garg' },
  };
}

function labelFile(labels: FolderNames, name: string): LabelFile | undefined {
  const trainIds = labels.find(`${name}_gtFine_labelTrainIds.png`);
  if (trainIds !== undefined) return { file: trainIds, numbers: 'trainIds' };
  const ids = labels.find(`${name}_gtFine_labelIds.png`);
  return ids === undefined ? undefined : { file: ids, numbers: 'ids' };
}

/** `aachen_000000_000019` and -1: `aachen_000000_000018`. */
function besideOf(name: string, offset: number): string {
  return name.replace(/\d+$/, (digits) => String(Number(digits) + offset).padStart(digits.length, '0'));
}

/** Intrinsics, and fx times the baseline (pixels times metres) where the file has it. */
async function readCamera(
  file: string,
): Promise<{ readonly intrinsics: Intrinsics; readonly focalBaseline: number | undefined }> {
  const text = await readText(file, "Cityscapes' camera file");
  let camera: { readonly intrinsic?: Record<string, unknown>; readonly extrinsic?: Record<string, unknown> };
  try {
    camera = JSON.parse(text) ?? {};
  } catch (cause) {
    throw new TrainingError(`${file} is no JSON: ${messageOf(cause)}.`, { file, cause });
  }
  const { fx, fy, u0: cx, v0: cy } = camera.intrinsic ?? {};
  if (![fx, fy, cx, cy].every((value) => typeof value === 'number' && Number.isFinite(value))) {
    throw new TrainingError(`${file}: expected numbers \`intrinsic.fx\`, \`fy\`, \`u0\` and \`v0\`.`, {
      file,
    });
  }
  const intrinsics = checkedIntrinsics(file, { fx, fy, cx, cy } as Intrinsics); // numbers, as was just checked
  const baseline = Number(camera.extrinsic?.baseline);
  return { intrinsics, focalBaseline: baseline > 0 ? intrinsics.fx * baseline : undefined };
}
