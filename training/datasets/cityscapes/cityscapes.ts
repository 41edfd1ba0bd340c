import path from 'node:path';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';
import { checkedIntrinsics } from '../files/checked-intrinsics.js';
import type { FrameFiles, FrameSet, LabelFile } from '../files/frame-files.js';
import { listFolder, listFolderIfThere } from '../files/list-folder.js';
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

const SUFFIX = '_leftImg8bit.png';

/**
 * Cityscapes as published: `leftImg8bit/SUBSET/CITY/CITY_SSSSSS_FFFFFF_leftImg8bit.png`,
 * `gtFine/SUBSET/CITY/..._gtFine_labelTrainIds.png` (made by its scripts) or `..._gtFine_labelIds.png`,
 * `camera/SUBSET/CITY/..._camera.json` and `leftImg8bit_sequence/SUBSET/CITY/` for the pictures before and after. Only the
 * pictures must be there; what else is missing is said in `missing`. The subset `test` is published without its labels. Depth
 * comes from `disparity/SUBSET/CITY/..._disparity.png` and the camera files, where it is asked for.
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
    const labels = new Set(await listFolderIfThere(of('gtFine')));
    const cameras = new Set(await listFolderIfThere(of('camera')));
    const disparities = new Set(depth === 'none' ? [] : await listFolderIfThere(of('disparity')));
    const sequence = new Set(await listFolderIfThere(of('leftImg8bit_sequence')));
    for (const file of ((await listFolderIfThere(of('leftImg8bit'))) ?? []).filter((name) =>
      name.endsWith(SUFFIX),
    )) {
      const name = file.slice(0, -SUFFIX.length);
      const label = labelFile(of('gtFine'), labels, name);
      const camera = `${name}_camera.json`;
      if (label === undefined) noLabels.push(path.join(of('gtFine'), `${name}_gtFine_labelIds.png`));
      if (!cameras.has(camera)) noCamera.push(path.join(of('camera'), camera));
      const known = cameras.has(camera) ? await readCamera(path.join(of('camera'), camera)) : undefined;
      const disparity = `${name}_disparity.png`;
      if (depth !== 'none' && !disparities.has(disparity))
        noDisparity.push(path.join(of('disparity'), disparity));
      if (depth !== 'none' && known !== undefined && known.focalBaseline === undefined)
        noBaseline.push(path.join(of('camera'), camera));
      const neighbour = (key: 'previous' | 'next', offset: number) => {
        const beside = `${besideOf(name, offset)}${SUFFIX}`;
        return sequence.has(beside) ? { [key]: path.join(of('leftImg8bit_sequence'), beside) } : {};
      };
      frames.push({
        name,
        picture: path.join(of('leftImg8bit'), file),
        ...neighbour('previous', -1),
        ...neighbour('next', 1),
        ...(known && { intrinsics: known.intrinsics }),
        ...(known?.focalBaseline !== undefined &&
          disparities.has(disparity) && {
            depth: {
              ...DISPARITY,
              file: path.join(of('disparity'), disparity),
              focalBaseline: known.focalBaseline,
            },
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
  if (noCamera.length > 0)
    missing.push(
      ...requireComplete('camera files (intrinsics)', noCamera, frames.length, { allowMissing: true }),
    );
  if (depth === 'none') return { title: `Cityscapes ${subset}, ${frames.length} frames`, frames, missing };
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
    title: `Cityscapes ${subset}, ${frames.length} frames`,
    ...{ frames, missing, depthTruth: 'disparity maps (camera z)', crop: 'garg' },
  };
}

function labelFile(folder: string, present: ReadonlySet<string>, name: string): LabelFile | undefined {
  const [trainIds, ids] = [`${name}_gtFine_labelTrainIds.png`, `${name}_gtFine_labelIds.png`];
  if (present.has(trainIds)) return { file: path.join(folder, trainIds), numbers: 'trainIds' };
  return present.has(ids) ? { file: path.join(folder, ids), numbers: 'ids' } : undefined;
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
