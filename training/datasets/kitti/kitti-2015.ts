import path from 'node:path';
import { TrainingError } from '../../errors.js';
import { FolderNames } from '../files/folder-names.js';
import type { FrameFiles, FrameSet } from '../files/frame-files.js';
import { listFolder, listFolderIfThere } from '../files/list-folder.js';
import { type Completeness, requireComplete } from '../files/require-complete.js';
import { readCameraCalibration } from './calibration.js';
import { fitCalibration, otherSizes } from './fit-calibration.js';

/** disp_occ_0 is uint16: disparity in pixels times 256. Source: KITTI stereo 2015 development kit. */
const UNITS_PER_PIXEL = 256;

/**
 * KITTI 2015 (scene flow / stereo): `training/image_2/NNNNNN_10.png` (200), `training/disp_occ_0/NNNNNN_10.png`,
 * `training/calib_cam_to_cam/NNNNNN.txt` and, where the semantics benchmark was unpacked too, `training/semantic/NNNNNN_10.png`
 * (Cityscapes ids). The frames before and after (`_09`, `_11`) come from the multi-view extension and the flow pairs.
 *
 * Depth = fx * baseline / disparity with both from the calibration of each picture: 0.533 m, not the rounded 0.54 m that some
 * published evaluations use. Camera z of the left camera.
 * @throws TrainingError naming what is missing, unless `allowMissing`.
 */
export async function openKitti2015(root: string, options: Completeness = {}): Promise<FrameSet> {
  const top =
    (await listFolderIfThere(path.join(root, 'training'))) === undefined ? root : path.join(root, 'training');
  const pictures = path.join(top, 'image_2');
  const present = new FolderNames(
    pictures,
    await listFolder(pictures, 'the pictures of KITTI 2015, `training/image_2/000000_10.png`'),
  );
  const disparities = await FolderNames.of(path.join(top, 'disp_occ_0'));
  const semantic = await FolderNames.of(path.join(top, 'semantic'));
  const names = present.names.filter((name) => /^\d{6}_10\.png$/i.test(name));
  if (names.length === 0)
    throw new TrainingError(`${pictures} holds no pictures; expected \`000000_10.png\` and so on.`, {
      file: pictures,
    });
  const noDisparity: string[] = [];
  const others: (string | undefined)[] = [];
  const frames: FrameFiles[] = [];
  for (const name of names) {
    const id = name.slice(0, 6);
    const calibration = await readCameraCalibration(path.join(top, 'calib_cam_to_cam', `${id}.txt`));
    const picture = path.join(pictures, name);
    const { calibration: left, other } = await fitCalibration(calibration.of('02'), picture);
    const right = calibration.of('03');
    others.push(other);
    const [disparity, labels] = [disparities.find(name), semantic.find(name)];
    if (disparity === undefined) noDisparity.push(disparities.placeOf(name));
    const neighbour = (key: 'previous' | 'next', name: string) => {
      const file = present.find(name);
      return file === undefined ? {} : { [key]: file };
    };
    frames.push({
      name: id,
      picture,
      ...neighbour('previous', `${id}_09.png`),
      ...neighbour('next', `${id}_11.png`),
      intrinsics: left.intrinsics,
      ...(disparity !== undefined && {
        depth: {
          kind: 'disparity',
          file: disparity,
          unitsPerPixel: UNITS_PER_PIXEL,
          focalBaseline: left.focalOffset - right.focalOffset,
        },
      }),
      ...(labels !== undefined && { labels: { file: labels, numbers: 'ids' } }),
    });
  }
  const missing = requireComplete('disparity maps', noDisparity, names.length, options);
  missing.push(...otherSizes(others, 'pictures'));
  if (semantic.names.length === 0)
    missing.push(`no labels: ${path.join(top, 'semantic')} is not there (KITTI semantics benchmark)`);
  return {
    title: `KITTI 2015, ${frames.length} frames`,
    frames,
    depthTruth: 'disparity maps (camera z)',
    missing,
  };
}
